// SPDX-License-Identifier: LGPL-2.1-or-later
// WFLW's text, one line per face: x and y of 98 points, a box's two corners, six attributes, and a picture's path in WFLW_images/.
#include "readers/reading.h"

namespace fkp {
namespace {

constexpr std::size_t kBoxAndAttributes = 4 + 6;

/// WFLW_images beside the list, or in a folder above: the lists lie in WFLW_annotations/SPLIT/.
std::filesystem::path pictures_of(const std::filesystem::path& list) {
  for (auto folder = std::filesystem::absolute(list).parent_path(); folder != folder.root_path(); folder = folder.parent_path())
    if (std::filesystem::is_directory(folder / "WFLW_images")) return folder / "WFLW_images";
  return list.parent_path();
}

}  // namespace

Dataset read_wflw(const std::filesystem::path& file, const Scheme& scheme) {
  const auto folder = pictures_of(file);
  Dataset data;
  Pictures pictures;
  Lines lines(file);
  take_lines(data, lines, [&] {
    const auto fields = words_of(lines.text());
    const std::size_t coordinates = 2 * static_cast<std::size_t>(scheme.size());
    if (fields.size() != coordinates + kBoxAndAttributes + 1)
      throw Unusable("it has " + std::to_string(fields.size()) + " fields instead of " + std::to_string(coordinates) +
                     " coordinates, four of a box, six attributes and a picture");
    const auto picture = folder / fields.back();
    // A picture's faces are one group; not by group_of(), as the picture's own name ends with a number.
    Sample sample{picture.string(), picture.stem().string(), pictures.read(picture), {}};
    for (std::size_t i = 0; i < coordinates; i += 2) sample.points.push_back({number(fields[i]), number(fields[i + 1])});
    return sample;
  });
  note_others(data);
  return data;
}

}  // namespace fkp
