// SPDX-License-Identifier: LGPL-2.1-or-later
#include "whole_file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "fkp/core/error.h"

namespace fkp {

void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::path beside = file;
  beside += ".part";
  std::FILE* out = std::fopen(beside.c_str(), "wb");
  const bool written = out && std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size() && std::fflush(out) == 0;
  std::error_code why(written ? 0 : errno, std::generic_category()), ignored;
  if (out) std::fclose(out);
  if (!why) std::filesystem::rename(beside, file, why);
  if (!why) return;
  std::filesystem::remove(beside, ignored);
  throw Error(ErrorKind::unwritten, "cannot write " + file.string() + " (is the disk full?): " + why.message());
}

}  // namespace fkp
