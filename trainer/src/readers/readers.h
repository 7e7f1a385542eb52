// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <string>

#include "data/sample.h"

namespace fkp {

/// A kind of source that read_dataset reads.
struct FaceSource {
  const char *kind, *path;
  const char* scheme;  ///< that such sources mostly have; empty: they name their own
  Dataset (*read)(const std::filesystem::path&, const Scheme&);
};

/// The kind of "KIND:PATH"; null if there is none.
const FaceSource* face_source(const std::string& source);

/// "ibug:FOLDER, asf:FOLDER …", for messages.
std::string face_sources();

/// Reads the faces of `source` with the points of `scheme`; if the source has those of another scheme from which `scheme` can be
/// derived (data/derive.h), with the derived points:
///   "ibug:FOLDER"  NAME.pts beside NAME.jpg, .png or .jpeg, 1-based as iBUG writes them. Group: the picture, that is NUMBER if NAME is
///                  NUMBER_FACE as in AFW and HELEN, else NAME.
///   "asf:FOLDER"   AAM shape files as in the IMM databases: NAME.asf with points as fractions of the picture's size. Group: the
///                  person (01 of 01_03).
///   "csv:FILE"     picture, x0, y0, x1, y1 …, 0-based, under a header, as in the YouTube Faces subset; two empty fields are an
///                  unknown point. Its pictures lie beside FILE or, for PREFIX_frames_keypoints.csv, in PREFIX/.
///                  Group: the person, that is the picture's name up to its last '_'. If the pictures lie in several
///                  folders, that in its folder, or the folder if the name has no '_' (anna/1.jpg, anna/2.jpg).
///   "kaggle:FILE"  training.csv of Kaggle's Facial Keypoints Detection, pictures inside; an empty field is an unknown point.
///                  Each row is a group.
///   "dlib:FILE"    the XML of dlib's imglab, pictures beside it; a missing part is an unknown point. Group: the picture.
///   "wflw:FILE"    WFLW's text, pictures in WFLW_images/ beside it or in a folder above. Group: the picture.
///   "pack:FILE"    what `fkp-train pack` made of one or more of these (data/pack.h), with their groups and refusals.
/// Relative paths are relative to `root`. Unusable samples are refused one by one; throws Error (not_found) if the folder or file
/// does not exist or the kind of source is unknown, and Error (unreadable) if nothing usable is left.
Dataset read_dataset(const std::string& source, const std::filesystem::path& root, const Scheme& scheme);

/// Reads whole pictures with their faces' boxes:
///   "wider:FILE"   WIDER FACE's text format: a picture's path in images/ beside FILE, a count, and as many lines of
///                  x y width height (pixels, edges) and six unused numbers; a line of zeros may follow a count of 0.
/// Refusals and errors as in read_dataset; a truncated or malformed list is unreadable as a whole.
PictureSet read_pictures(const std::string& source, const std::filesystem::path& root);

/// Whether `source` is one that read_pictures reads.
bool is_list_of_boxes(const std::string& source);

/// Pictures with their faces' boxes: a list of boxes, or the pictures of faces with 68 known points, from which their boxes are derived
/// (boxed). Returns every `every`-th picture, starting with the first; logs how many there are, and what is refused.
PictureSet read_faces(const std::string& source, const std::filesystem::path& root, int every = 1);

/// Logs how many samples a source has (`what` names them, such as "faces"), and what is refused.
void tell(const std::string& source, std::size_t count, const char* what, const std::vector<Refusal>& refused);

}  // namespace fkp
