// SPDX-License-Identifier: LGPL-2.1-or-later
#include "programs/message_of.h"

#include <filesystem>

namespace fkp {

std::string message_of(const std::exception& error) {
  const auto* of_file = dynamic_cast<const std::filesystem::filesystem_error*>(&error);
  if (!of_file || of_file->path1().empty()) return error.what();
  return of_file->path1().string() + ": " + of_file->code().message();
}

}  // namespace fkp
