// SPDX-License-Identifier: LGPL-2.1-or-later
// AAM shape files, as in the IMM databases: "#" comments, the number of points, a line for each with its path, type, x and y as
// fractions of the picture's width and height, and more; then the picture's name. Stegmann, "The AAM-API", 2003.
#include <algorithm>
#include <sstream>

#include "readers/reading.h"
#include "whole_file.h"

namespace fkp {
namespace {

constexpr std::size_t kX = 2, kY = 3;  // columns

struct Shape {
  std::string picture;
  Points shares;  // fractions of width and height, from the picture's corner
};

Shape shape_of(const std::string& text, int expected) {
  Shape shape;
  int count = -1;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    line.resize(std::min(line.size(), line.find('#')));
    const auto fields = words_of(line);
    if (fields.empty()) continue;
    if (count < 0) {
      count = static_cast<int>(number(fields[0]));
      if (count != expected) throw Unusable("it has " + std::to_string(count) + " points, the scheme " + std::to_string(expected));
    } else if (static_cast<int>(shape.shares.size()) < count) {
      if (fields.size() <= kY) throw Unusable("the line of point " + std::to_string(shape.shares.size()) + " is too short");
      shape.shares.push_back({number(fields[kX]), number(fields[kY])});
    } else {
      shape.picture = fields_of(line)[0];  // may have blanks in it
    }
  }
  if (count < 0 || static_cast<int>(shape.shares.size()) < count) throw Unusable("it breaks off");
  return shape;
}

}  // namespace

Dataset read_asf(const std::filesystem::path& folder, const Scheme& scheme) {
  Dataset data;
  for (const auto& file : files_in(folder, ".asf"))
    take(data, file.string(), [&] {
      const Shape shape = shape_of(read_bytes(file), scheme.size());
      const auto picture = shape.picture.empty() ? picture_beside(file) : file.parent_path() / shape.picture;
      // IMM numbers a person's pictures: 01_03, or 01-3m, where the letter is the person's sex.
      const std::string stem = file.stem().string();
      Sample sample{picture.string(), stem.substr(0, stem.find_first_of("-_")), read_grey(picture), {}};
      for (const Point& p : shape.shares)
        sample.points.push_back({p.x * static_cast<float>(sample.grey.cols) - 0.5f, p.y * static_cast<float>(sample.grey.rows) - 0.5f});
      return sample;
    });
  return data;
}

}  // namespace fkp
