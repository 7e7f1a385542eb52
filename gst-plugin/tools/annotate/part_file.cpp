// SPDX-License-Identifier: LGPL-2.1-or-later
#include "part_file.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// Makes a new file; mkstemp() would let nobody else read it.
std::string new_file_beside(const std::string& name) {
  for (int i = 0;; i++) {
    std::string part = fmt::format("{}.{}-{}.part", name, getpid(), i);
    const int file = open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0) {
      close(file);
      return part;
    }
    if (errno != EEXIST) throw std::runtime_error(fmt::format("cannot write '{}': {}", part, std::strerror(errno)));
  }
}

}  // namespace

PartFile::PartFile(const std::string& name, const std::string& input, bool force) : name_(name) {
  if (name_.empty()) return;
  if (fs::is_directory(name_)) throw std::runtime_error(fmt::format("'{}' is a folder", name_));
  if (!input.empty() && same_file(name_, input)) throw std::runtime_error(fmt::format("'{}' is the input", name_));
  if (fs::exists(name_) && !force) throw std::runtime_error(fmt::format("'{}' exists; --force overwrites it", name_));
  const fs::path folder = fs::path(name_).parent_path();
  if (!folder.empty() && !fs::is_directory(folder)) throw std::runtime_error(fmt::format("there is no folder '{}'", folder.string()));
  part_ = new_file_beside(name_);
}

PartFile::~PartFile() {
  std::error_code ignored;
  if (!part_.empty()) fs::remove(part_, ignored);
}

void PartFile::remove_old() const {
  if (!name_.empty()) fs::remove(name_);
}

void PartFile::keep() {
  if (part_.empty()) return;
  fs::rename(part_, name_);
  part_.clear();
}

bool same_file(const std::string& a, const std::string& b) {
  if (fs::exists(a) && fs::exists(b)) return fs::equivalent(a, b);
  return fs::weakly_canonical(fs::absolute(a)) == fs::weakly_canonical(fs::absolute(b));
}

}  // namespace fkp
