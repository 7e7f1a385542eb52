// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
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

/// As write_whole, of bytes that are there already.
inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  write_whole(file, [&](const std::string& beside) {
    std::FILE* out = std::fopen(beside.c_str(), "wb");
    const bool written = out && std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size() && std::fflush(out) == 0;
    const int why = errno;
    if (out) std::fclose(out);
    if (!written) throw std::runtime_error(std::strerror(why));
  });
}

}  // namespace fkp
