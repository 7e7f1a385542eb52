// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

#include "files.h"

namespace fkp::test {

/// Puts an EXIF block into a JPEG, right after its first marker, that has nothing but the orientation (TIFF 6.0, Exif 2.3).
inline void orient(const fs::path& file, char orientation) {
  const std::string tag{0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0};
  const std::string tiff = std::string("MM\0*\0\0\0\x08\0\1", 10) + tag + std::string(4, '\0');
  const std::string block = std::string("Exif\0\0", 6) + tiff;
  std::string bytes = read(file);
  bytes.insert(2, std::string("\xff\xe1\0", 3) + static_cast<char>(block.size() + 2) + block);
  write(file, bytes);
}

}  // namespace fkp::test
