// SPDX-License-Identifier: LGPL-2.1-or-later
// Kaggle's Facial Keypoints Detection: the columns of training.csv are NAME_x and NAME_y for each point and then Image, 96×96 grey
// values separated by spaces; an empty cell is a point that is not labelled.
#include "data/kaggle.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "fkp/core/error.h"
#include "readers/reading.h"

namespace fkp {
namespace {

/// The columns of each point's x and y, by the scheme's names, and that of the picture.
struct Columns {
  std::vector<std::pair<std::size_t, std::size_t>> points;
  std::size_t image = 0, count = 0;
};

/// From the file's first line.
Columns columns_of(Lines& lines, const Scheme& scheme) {
  std::map<std::string, std::size_t> named;
  const auto names = lines.next_filled() ? fields_of(lines.text()) : std::vector<std::string>();
  for (std::size_t i = 0; i < names.size(); i++) named[names[i]] = i;
  const auto find = [&](const std::string& name) {
    const auto found = named.find(name);
    if (found == named.end()) throw Error(ErrorKind::unreadable, lines.where() + ": it has no column '" + name + "'");
    return found->second;
  };
  Columns columns;
  for (std::string name : scheme.point_names) {
    std::replace(name.begin(), name.end(), '-', '_');
    const std::size_t x = find(name + "_x");
    columns.points.emplace_back(x, find(name + "_y"));
  }
  columns.image = find("Image");
  columns.count = names.size();
  return columns;
}

}  // namespace

cv::Mat kaggle_picture(const std::string& cell) {
  cv::Mat grey(kKaggleSide, kKaggleSide, CV_8UC1);
  const char *at = cell.data(), *end = at + cell.size();
  for (int i = 0; i < kKaggleSide * kKaggleSide; i++) {
    while (at < end && *at == ' ') at++;
    const auto [next, error] = std::from_chars(at, end, grey.data[i]);
    if (error != std::errc()) throw Unusable("its picture has " + std::to_string(i) + " greys of 0 to 255 instead of 96 × 96");
    at = next;
  }
  if (std::any_of(at, end, [](char c) { return c != ' '; })) throw Unusable("its picture has more than 96 × 96 greys");
  return grey;
}

Dataset read_kaggle(const std::filesystem::path& file, const Scheme& scheme) {
  Lines lines(file);
  const Columns columns = columns_of(lines, scheme);
  Dataset data;
  take_lines(data, lines, [&] {
    const auto fields = fields_of(lines.text());
    if (fields.size() != columns.count)
      throw Unusable("it has " + std::to_string(fields.size()) + " fields, the header " + std::to_string(columns.count));
    // The rows do not say who is who: each is a group of its own, wherever the file lies.
    const std::string row = std::filesystem::path(lines.where()).filename().string();
    Sample sample{lines.where(), row, kaggle_picture(fields[columns.image]), {}};
    for (const auto& [x, y] : columns.points)
      sample.points.push_back(fields[x].empty() || fields[y].empty() ? unknown_point() : Point{number(fields[x]), number(fields[y])});
    return sample;
  });
  return data;
}

}  // namespace fkp
