// SPDX-License-Identifier: LGPL-2.1-or-later
// A picture and its points per line, 0-based: "picture, x0, y0, x1, y1 …", under a header.
#include "readers/reading.h"

namespace fkp {
namespace {

/// Where the pictures of a CSV lie: see read_dataset.
std::filesystem::path pictures_of(const std::filesystem::path& csv) {
  const std::string stem = csv.stem().string();
  const auto named = csv.parent_path() / stem.substr(0, stem.find("_frames_keypoints"));
  return std::filesystem::is_directory(named) ? named : csv.parent_path();
}

}  // namespace

Dataset read_csv(const std::filesystem::path& file, const Scheme& scheme) {
  const auto folder = pictures_of(file);
  Dataset data;
  take_lines(data, file, 1, [&](const std::string& line) {
    const auto fields = fields_of(line, ',');
    const std::size_t expected = 1 + 2 * static_cast<std::size_t>(scheme.size());
    if (fields.size() != expected)
      throw Unusable("it has " + std::to_string(fields.size()) + " fields instead of a picture and " + std::to_string(expected - 1) +
                     " coordinates");
    const auto picture = folder / fields[0];
    Sample sample{picture.string(), group_of(picture, true), read_grey(picture), {}};
    for (std::size_t i = 1; i < expected; i += 2)
      sample.points.push_back(fields[i].empty() && fields[i + 1].empty() ? unknown_point()
                                                                         : Point{number(fields[i]), number(fields[i + 1])});
    return sample;
  });
  return data;
}

}  // namespace fkp
