// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <string>

#include "fkp/core/error.h"

namespace fkp {

/// Lets `write(path)` make a file beside `file` and renames it: `file` is whole, or as it was. Throws Error (unwritten).
template <typename Write>
void write_whole(const std::filesystem::path& file, Write&& write) {
  std::filesystem::path beside = file;
  beside += ".part";
  try {
    write(beside.string());
    std::filesystem::rename(beside, file);
  } catch (const std::exception& e) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    const std::string why = e.what();
    throw Error(ErrorKind::unwritten, "cannot write " + file.string() + " (is the disk full?): " + why.substr(0, why.find('\n')));
  }
}

}  // namespace fkp
