// SPDX-License-Identifier: LGPL-2.1-or-later
// WIDER FACE's text format.
#include <algorithm>
#include <sstream>

#include "fkp/core/error.h"
#include "readers/reading.h"

namespace fkp {

PictureSet read_wider(const std::filesystem::path& file) {
  Lines lines(file);
  PictureSet set;
  const auto next = [&](const char* expected) {
    if (!lines.next()) throw Error(ErrorKind::unreadable, file.string() + " breaks off before " + expected);
  };
  const auto fail = [&](const char* what) { throw Error(ErrorKind::unreadable, lines.where() + ": '" + lines.text() + "' is " + what); };
  while (lines.next_filled()) {
    const std::string name = lines.text().substr(0, lines.text().find_last_not_of(' ') + 1), where = lines.where();
    next("the number of a picture's faces");
    int count = 0;
    if (!(std::istringstream(lines.text()) >> count) || count < 0) fail("no number of faces");
    Picture picture{name, group_of(name, false), {}, {}, {}};
    for (int i = 0; i < std::max(count, 1); i++) {
      if (count == 0 && !lines.next()) break;  // some writers omit the line of zeros
      if (count > 0) next("a face's box");
      float x = 0, y = 0, w = 0, h = 0, blur = 0;
      const bool box = static_cast<bool>(std::istringstream(lines.text()) >> x >> y >> w >> h >> blur);
      if (!box && count == 0) {  // it is the next picture
        lines.back();
        break;
      }
      if (!box) fail("no box");
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
