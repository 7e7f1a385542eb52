// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sample.h"

// What the readers of the formats share.

namespace fkp {

/// Why one sample is refused.
struct Unusable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The finite number that the text is, but for space around it. Throws Unusable.
float number(std::string_view text);

/// The fields of a line, split at `separator`; at 0 by any white space.
std::vector<std::string> fields_of(const std::string& line, char separator);

/// The whole of a text file. Throws Error (not_found).
std::string text_of(const std::filesystem::path& file);

/// What OpenCV's `read` gives. Throws Unusable, with the name, where that is nothing or what OpenCV throws.
cv::Mat grey_of(const std::string& name, const std::function<cv::Mat()>& read);

/// Throws Unusable where there is no such picture.
cv::Mat read_grey(const std::filesystem::path& picture);

/// NAME of NAME_NUMBER. A folder of pictures (`in_people` false) numbers the faces of a picture whose own name is a number
/// (296814969_3); elsewhere the number counts pictures (image_0042), which then have nothing in common.
std::string group_of(const std::filesystem::path& picture, bool in_people);

/// Adds the sample that `read` makes, or what it throws as a refusal of `where`. Known points may lie in the picture or a little
/// outside (a chin below the edge), not elsewhere.
void take(Dataset& data, const std::string& where, const std::function<Sample()>& read);

/// As take() for each line of a text file but its first `skipped`: `read` is given the line, and the refusal names it.
void take_lines(Dataset& data, const std::filesystem::path& file, int skipped, const std::function<Sample(const std::string&)>& read);

/// The files of a folder with that extension, in the order of their names. Throws Error (not_found).
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, const std::string& extension);

/// The picture NAME.jpg, .png or .jpeg beside NAME.EXTENSION. Throws Unusable.
std::filesystem::path picture_beside(const std::filesystem::path& annotation);

/// The 96×96 greys of a cell of Kaggle's files. Throws Unusable.
cv::Mat kaggle_picture(const std::string& cell);

// The formats; see read_dataset. All throw Error (not_found) where there is no such file or folder.
Dataset read_ibug(const std::filesystem::path& folder, const Scheme& scheme);
Dataset read_asf(const std::filesystem::path& folder, const Scheme& scheme);
Dataset read_csv(const std::filesystem::path& file, const Scheme& scheme);
Dataset read_kaggle(const std::filesystem::path& file, const Scheme& scheme);
Dataset read_dlib(const std::filesystem::path& file, const Scheme& scheme);
Dataset read_pack(const std::filesystem::path& file, const Scheme& scheme);
Dataset read_wflw(const std::filesystem::path& file, const Scheme& scheme);

/// As read_pictures.
PictureSet read_wider(const std::filesystem::path& file);

}  // namespace fkp
