// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "fkp/core/crop.h"
#include "fkp/core/scheme.h"

namespace fkp {

/// Where the face box lies, as seen from the square around a network's points: for points that span less than the face on whose boxes it
/// was trained, such as the eyes and the mouth alone.
struct PointsToBox {
  float x = 0, y = 0;  ///< from the square's centre to the box's, along the face's axes, in sides of the box
  float side = 1;      ///< the box's over the square's; of no account for a single point, whose box keeps its size

  bool is_square() const { return x == 0 && y == 0 && side == 1; }
};

/// The description in a model file: fkp.json inside the archive, or NAME.json beside NAME.pt (docs/model-file.md).
struct ModelDescription {
  std::string name;
  Scheme scheme;
  CropSpec crop;                           ///< what the network sees
  float range_black = 0, range_white = 1;  ///< the network's input for grey 0 and 255
  float scale = 1, offset = 0;             ///< crop pixel = scale · output + offset
  std::string training = "{}";             ///< JSON: what it was trained on and how, and its measured error
  PointsToBox face_box{};                  ///< around its points
};

/// The description in a face detector's file.
struct DetectorDescription {
  std::string name;
  Scheme scheme;                             ///< of the points found with each box
  int longest = 320;                         ///< pixels: longest side of a picture at which it works best
  int largest_face = 0;                      ///< pixels: larger faces are sought in smaller copies of a picture; 0: finds faces of any size
  float range_black = 0, range_white = 1;    ///< the network's input for grey 0 and 255
  std::vector<int> strides{8, 16, 32};       ///< pixels, one for each output map
  float overlap = 0.45f;                     ///< intersection over union above which two boxes are the same face
  float shift_x = 0, shift_y = 0, side = 1;  ///< from its box to the face box, in widths and heights of its box: see face_box_of
  std::string training = "{}";               ///< JSON
};

/// The face box of a face with these points, in square pixels as they are: the square around them, upright, unless the description says
/// more; always if the network looks at whole pictures. `side` is that of the box in which they were found. Throws std::invalid_argument
/// if no point is known.
cv::Rect2f face_box_of(const Points& points, float side, const ModelDescription& description);

/// The region in which to look for that face next, in the same way, but along the face's own axes.
Region region_of(const Luma& picture, const Points& points, float side, const ModelDescription& description);

/// The face box, the square around a face's points, predicted from a detector's box around a face that is rotated by `angle` (see Region):
/// its centre shifted along the face's axes by fractions of the face's width and height, its side a multiple of their geometric mean.
cv::Rect2f face_box_of(const cv::Rect2f& detected, float angle, const DetectorDescription& description);

std::string to_json(const ModelDescription& description);
std::string to_json(const DetectorDescription& description);
/// Throw Error (unreadable) that names the missing or wrong key, or says that the model is of the other kind. The scheme is an object, or
/// the name of a registered one.
ModelDescription model_description_from_json(const std::string& json);
DetectorDescription detector_description_from_json(const std::string& json);
/// Whether a description is a detector's.
bool is_of_detector(const std::string& json);

/// Finds a model's file. A name without '/' or extension ("fkp68") is looked up as NAME.pt in the folders of the environment variable
/// FKP_MODEL_PATH (separated by ':'), then in the installed data folder; anything else is a path. Throws Error (not_found) that says where
/// it was sought.
std::filesystem::path find_model(const std::string& name_or_path);

}  // namespace fkp
