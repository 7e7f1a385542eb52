// SPDX-License-Identifier: LGPL-2.1-or-later
#include "whole_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <system_error>

#include "fkp/core/error.h"

namespace fkp {

void require_file(const std::filesystem::path& file) {
  if (std::filesystem::is_directory(file)) throw Error(ErrorKind::not_found, file.string() + " is a folder, not a file");
  if (!std::filesystem::exists(file)) throw Error(ErrorKind::not_found, "there is no file " + file.string());
}

std::string read_bytes(const std::filesystem::path& file) {
  require_file(file);
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in || in.bad()) throw Error(ErrorKind::not_found, "cannot read " + file.string());
  return bytes.str();
}

void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::path beside = file;
  beside += ".part";
  std::FILE* out = std::fopen(beside.c_str(), "wb");
  // On its disk before it takes the other's place: a power cut must not leave half of it under that name.
  bool written = out && std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size() && std::fflush(out) == 0 && fsync(fileno(out)) == 0;
  std::error_code why(written ? 0 : errno, std::generic_category()), ignored;
  if (out && std::fclose(out) != 0 && !why) why = std::error_code(errno, std::generic_category());
  if (!why) std::filesystem::rename(beside, file, why);
  if (!why) return;
  std::filesystem::remove(beside, ignored);
  throw Error(ErrorKind::unwritten, "cannot write " + file.string() + " (is the disk full?): " + why.message());
}

}  // namespace fkp
