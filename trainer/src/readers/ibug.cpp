// SPDX-License-Identifier: LGPL-2.1-or-later
// iBUG's .pts files: "version: 1", "n_points: N", then "x y" lines in braces, 1-based.
#include <sstream>

#include "readers/reading.h"
#include "whole_file.h"

namespace fkp {
namespace {

Points points_of(const std::string& text, int count) {
  std::istringstream in(text);
  std::string word;
  while (in >> word && word != "{") {
  }
  Points points;
  std::string x, y;
  while (in >> x && x != "}" && in >> y) points.push_back({number(x) - 1, number(y) - 1});
  if (x != "}") throw Unusable("it has no closing brace");
  if (static_cast<int>(points.size()) != count)
    throw Unusable("it has " + std::to_string(points.size()) + " points, the scheme " + std::to_string(count));
  return points;
}

}  // namespace

Dataset read_ibug(const std::filesystem::path& folder, const Scheme& scheme) {
  Dataset data;
  for (const auto& file : files_in(folder, ".pts"))
    take(data, file.string(), [&]() -> Sample {
      Points points = points_of(read_bytes(file), scheme.size());
      const auto picture = picture_beside(file);
      return {picture.string(), group_of(picture, false), read_grey(picture), std::move(points)};
    });
  return data;
}

}  // namespace fkp
