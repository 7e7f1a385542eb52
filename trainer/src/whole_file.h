// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <string>

namespace fkp {

/// Makes a file beside `file` and renames it: `file` is whole, or as it was. Throws Error (unwritten).
void write_bytes(const std::filesystem::path& file, const std::string& bytes);

}  // namespace fkp
