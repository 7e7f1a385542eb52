// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sample.h"

// Common code of the readers of all formats.

namespace fkp {

/// Why one sample is refused.
struct Unusable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Parses a finite number, with or without space around it. Throws Unusable.
float number(std::string_view text);

/// The fields of a line, split at `separator`; 0: at any white space.
std::vector<std::string> fields_of(const std::string& line, char separator);

/// The whole of a text file. Throws Error (not_found).
std::string text_of(const std::filesystem::path& file);

/// The picture that `read` gets from OpenCV. Throws Unusable, naming `name`, if it is empty or OpenCV throws.
cv::Mat grey_of(const std::string& name, const std::function<cv::Mat()>& read);

/// Throws Unusable if there is no such picture.
cv::Mat read_grey(const std::filesystem::path& picture);

/// The group of a picture NAME_NUMBER: NAME if NUMBER counts the pictures of a person (`in_people`), or if NAME is a number, since
/// NUMBER then counts the faces of one picture (296814969_3); else NAME_NUMBER, as NUMBER counts unrelated pictures (image_0042).
std::string group_of(const std::filesystem::path& picture, bool in_people);

/// Adds the sample that `read` returns or, if it throws Unusable, a refusal of `where`. Also refuses samples with points far
/// outside the picture; a little outside is accepted (a chin below the edge).
void take(Dataset& data, const std::string& where, const std::function<Sample()>& read);

/// Like take(), for each line of a text file except the first `skipped`; refusals name the line.
void take_lines(Dataset& data, const std::filesystem::path& file, int skipped, const std::function<Sample(const std::string&)>& read);

/// The files of a folder with that extension, sorted by name. Throws Error (not_found).
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, const std::string& extension);

/// The picture NAME.jpg, .png or .jpeg beside NAME.EXTENSION. Throws Unusable.
std::filesystem::path picture_beside(const std::filesystem::path& annotation);

/// The picture of 96×96 grey values in a cell of Kaggle's files. Throws Unusable.
cv::Mat kaggle_picture(const std::string& cell);

// The formats; see read_dataset. All throw Error (not_found) if there is no such file or folder.
Dataset read_ibug(const std::filesystem::path& folder, const Scheme& scheme);
Dataset read_asf(const std::filesystem::path& folder, const Scheme& scheme);
Dataset read_csv(const std::filesystem::path& file, const Scheme& scheme);
Dataset read_kaggle(const std::filesystem::path& file, const Scheme& scheme);
Dataset read_dlib(const std::filesystem::path& file, const Scheme& scheme);
Dataset read_pack(const std::filesystem::path& file, const Scheme& scheme);
Dataset read_wflw(const std::filesystem::path& file, const Scheme& scheme);

/// See read_pictures.
PictureSet read_wider(const std::filesystem::path& file);

}  // namespace fkp
