// SPDX-License-Identifier: LGPL-2.1-or-later
// A picture and its points per line, 0-based: "picture, x0, y0, x1, y1 …", under a header.
#include <set>

#include "fkp/core/error.h"
#include "readers/reading.h"

namespace fkp {
namespace {

/// Where the pictures of a CSV lie: see read_dataset.
std::filesystem::path pictures_of(const std::filesystem::path& csv) {
  const std::string stem = csv.stem().string();
  const auto prefix = stem.find("_frames_keypoints");
  if (prefix == std::string::npos) return csv.parent_path();
  const auto named = csv.parent_path() / stem.substr(0, prefix);
  return std::filesystem::is_directory(named) ? named : csv.parent_path();
}

bool is_number(const std::string& field) {
  try {
    number(field);
    return true;
  } catch (const Unusable&) {
    return false;
  }
}

/// Whether a first line has coordinates rather than names. Names may be numbers, too: pandas counts columns that have no other.
bool is_face(const std::vector<std::string>& fields) {
  bool known = false, counts = true;
  for (std::size_t i = 1; i < fields.size(); i++) {
    if (!fields[i].empty() && !is_number(fields[i])) return false;
    known |= !fields[i].empty();
    counts &= fields[i] == std::to_string(i - 1) || fields[i] == std::to_string(i);
  }
  return known && !counts;
}

}  // namespace

Dataset read_csv(const std::filesystem::path& file, const Scheme& scheme) {
  const auto folder = pictures_of(file);
  Dataset data;
  Pictures pictures;
  std::set<std::filesystem::path> folders;  // of the pictures that are there
  Lines lines(file);
  if (lines.next_filled() && is_face(fields_of(lines.text())))
    throw Error(ErrorKind::unreadable,
                lines.where() + ": this is a face; a header is expected above the first, such as \"picture,x0,y0,…\"");
  take_lines(data, lines, [&] {
    const auto fields = fields_of(lines.text());
    const std::size_t expected = 1 + 2 * static_cast<std::size_t>(scheme.size());
    if (fields.size() != expected)
      throw Unusable("it has " + std::to_string(fields.size()) + " fields instead of a picture and the " + std::to_string(expected - 1) +
                     " coordinates of " + scheme.name);
    const auto picture = folder / fields[0];
    Sample sample{picture.string(), group_in_folder(fields[0]), pictures.read(picture), {}};
    folders.insert(std::filesystem::path(fields[0]).parent_path());
    for (std::size_t i = 1; i < expected; i += 2)
      sample.points.push_back(fields[i].empty() && fields[i + 1].empty() ? unknown_point()
                                                                         : Point{number(fields[i]), number(fields[i + 1])});
    return sample;
  });
  if (folders.size() == 1)  // which says nothing about who is who
    for (Sample& s : data.samples) s.group = group_of(s.picture, true);
  note_others(data);
  return data;
}

}  // namespace fkp
