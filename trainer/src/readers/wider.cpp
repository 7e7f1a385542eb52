// SPDX-License-Identifier: LGPL-2.1-or-later
// WIDER FACE's text format.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "fkp/core/error.h"
#include "readers/reading.h"

namespace fkp {

PictureSet read_wider(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(ErrorKind::not_found, "there is no file " + file.string());
  PictureSet set;
  int row = 0;
  std::string line;
  const auto next = [&](const char* expected) {
    if (!std::getline(in, line)) throw Error(ErrorKind::unreadable, file.string() + " breaks off before " + expected);
    row++;
  };
  while (std::getline(in, line)) {
    row++;
    if (line.find_first_not_of(" \r") == std::string::npos) continue;
    const std::string name = line.substr(0, line.find_last_not_of(" \r") + 1), where = file.string() + ":" + std::to_string(row);
    next("the number of a picture's faces");
    int count = 0;
    if (!(std::istringstream(line) >> count) || count < 0)
      throw Error(ErrorKind::unreadable, file.string() + ":" + std::to_string(row) + ": '" + line + "' is no number of faces");
    Picture picture{name, group_of(name, false), {}, {}, {}};
    for (int i = 0; i < std::max(count, 1); i++) {
      if (count == 0 && !std::isdigit(in.peek())) break;  // some writers omit the line of zeros
      const auto at = in.tellg();
      next("a face's box");
      float x = 0, y = 0, w = 0, h = 0, blur = 0;
      const bool box = static_cast<bool>(std::istringstream(line) >> x >> y >> w >> h >> blur);
      if (!box && count == 0) {  // it was the next picture, whose name begins with a digit
        in.seekg(at);
        row--;
        break;
      }
      if (!box) throw Error(ErrorKind::unreadable, file.string() + ":" + std::to_string(row) + ": '" + line + "' is no box");
      // From edges to a box with pixel centres at integers.
      if (w > 0 && h > 0) picture.faces.emplace_back(x - 0.5f, y - 0.5f, w, h);
    }
    try {
      picture.grey = read_grey(file.parent_path() / "images" / name);
      set.pictures.push_back(std::move(picture));
    } catch (const Unusable& why) {
      set.refused.push_back({where, why.what()});
    }
  }
  return set;
}

}  // namespace fkp
