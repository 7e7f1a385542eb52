// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <string>

namespace fkp {

/// Throws Error (not_found) unless there is such a file, and says so if it is a folder.
void require_file(const std::filesystem::path& file);

/// The content of a file. Throws Error (not_found).
std::string read_bytes(const std::filesystem::path& file);

/// Writes atomically, by renaming a temporary file beside `file`: `file` is complete, or as it was. Throws Error (unwritten).
void write_bytes(const std::filesystem::path& file, const std::string& bytes);

}  // namespace fkp
