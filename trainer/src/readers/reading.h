// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "data/sample.h"

// Common code of the readers of all formats.

namespace fkp {

/// Why one sample is refused.
struct Unusable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Parses a finite number, with or without space around it. Throws Unusable.
float number(std::string_view text);

/// The words of a line, between white space.
std::vector<std::string> words_of(const std::string& line);

/// The fields of a line of a CSV file, without space around them. One in quotes may hold commas and doubled quotes (RFC 4180), but
/// no line's end; a quote that is never closed takes the rest of the line.
std::vector<std::string> fields_of(const std::string& line);

/// A text file, line by line: whatever system its ends of lines are from, and without a byte order mark.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& file);  ///< Throws Error (not_found).

  bool next();                    ///< goes to the next line; false behind the last
  bool next_filled();             ///< the same, past lines of nothing but space
  void back() { again_ = true; }  ///< next() stays on this line

  const std::string& text() const { return text_; }
  std::string where() const { return file_ + ':' + std::to_string(row_); }  ///< FILE:LINE

 private:
  const std::string file_;
  std::ifstream in_;
  std::string text_;
  int row_ = 0;
  bool again_ = false;
};

/// The picture that `read` gets from OpenCV. Throws Unusable, naming `name`, if it is empty or OpenCV throws.
cv::Mat grey_of(const std::string& name, const std::function<cv::Mat()>& read);

/// Throws Unusable if there is no such picture.
cv::Mat read_grey(const std::filesystem::path& picture);

/// Reads pictures of which several faces in a row may be labelled: these share the pixels.
class Pictures {
 public:
  /// `as_stored`: not turned by their EXIF blocks.
  explicit Pictures(bool as_stored = false) : as_stored_(as_stored) {}
  cv::Mat read(const std::filesystem::path& picture);  ///< Throws Unusable.

 private:
  const bool as_stored_;
  std::filesystem::path last_;
  cv::Mat grey_;
};

/// The group of a picture NAME_NUMBER: NAME if NUMBER counts the pictures of a person (`in_people`), or if NAME is a number and NUMBER of
/// one or two digits, since it then counts the faces of one picture (296814969_3); else NAME_NUMBER, as NUMBER counts unrelated pictures
/// (image_0042, 20230115_142233).
std::string group_of(const std::filesystem::path& picture, bool in_people);

/// The group of a picture in a list of pictures in several folders: FOLDER for FOLDER/NUMBER, FOLDER/NAME for FOLDER/NAME_NUMBER.
std::string group_in_folder(const std::filesystem::path& picture);

/// Adds the sample that `read` returns or, if it throws Unusable, a refusal of `where`. Also refuses samples with points far
/// outside the picture; a little outside is accepted (a chin below the edge).
void take(Dataset& data, const std::string& where, const std::function<Sample()>& read);

/// Like take(), for each of the remaining lines of a text file.
void take_lines(Dataset& data, Lines& lines, const std::function<Sample()>& read);

/// Tells each face where the others of its picture are, in a set whose pictures may have several.
void note_others(Dataset& data);

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
