// SPDX-License-Identifier: LGPL-2.1-or-later
#include "part_file.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace fkp {
namespace {

namespace fs = std::filesystem;

std::runtime_error cannot_write(const std::string& name) {
  return std::runtime_error(fmt::format("cannot write '{}': {}", name, std::strerror(errno)));
}

/// Whether the open file still has that name.
bool bears(int file, const std::string& name) {
  struct stat open_file {};
  struct stat named {};
  return fstat(file, &open_file) == 0 && stat(name.c_str(), &named) == 0 && open_file.st_ino == named.st_ino &&
         open_file.st_dev == named.st_dev;
}

/// Whether this run has the file to itself, as far as its file system can tell: some network file systems know no locks.
bool locks(int file) { return flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

/// Whether both names refer to the same file, existing or not.
bool same_file(const std::string& a, const std::string& b) {
  if (fs::exists(a) && fs::exists(b)) return fs::equivalent(a, b);
  return fs::weakly_canonical(fs::absolute(a)) == fs::weakly_canonical(fs::absolute(b));
}

}  // namespace

PartFile::PartFile(const std::string& name, const std::string& input, bool force) : name_(name), force_(force) {
  if (name_.empty()) return;
  if (fs::is_directory(name_)) throw std::runtime_error(fmt::format("'{}' is a folder", name_));
  if (!input.empty() && same_file(name_, input)) throw std::runtime_error(fmt::format("'{}' is the input", name_));
  if (fs::exists(fs::symlink_status(name_)) && !force) throw std::runtime_error(fmt::format("'{}' exists; --force overwrites it", name_));
  const fs::path folder = fs::path(name_).parent_path();
  if (!folder.empty() && !fs::is_directory(folder)) throw std::runtime_error(fmt::format("there is no folder '{}'", folder.string()));
  lock();
}

PartFile::~PartFile() {
  std::error_code ignored;
  if (!part_.empty() && lock_again()) fs::remove(part_, ignored);
  if (file_ >= 0) close(file_);
}

void PartFile::lock() {
  const std::string part = name_ + ".part";
  for (;;) {
    file_ = open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file_ < 0) throw cannot_write(part);
    if (!locks(file_)) {
      close(file_);
      throw std::runtime_error(fmt::format("'{}' is being written by another run", name_));
    }
    if (bears(file_, part)) break;
    close(file_);  // another run has just renamed it
  }
  part_ = part;
  if (ftruncate(file_, 0) != 0) {
    const auto error = cannot_write(part);
    close(std::exchange(file_, -1));
    throw error;
  }
}

void PartFile::lend() {
  if (file_ >= 0) flock(file_, LOCK_UN);
}

/// Whether the file is still this run's: between lend() and the element's own lock another run may have taken it.
bool PartFile::lock_again() { return locks(file_) && bears(file_, part_); }

void PartFile::keep() {
  if (part_.empty()) return;
  if (!lock_again()) throw std::runtime_error(fmt::format("'{}' is being written by another run", name_));
  // Flushed to disk first: even after a power failure, the name refers to a complete file.
  if (fsync(file_) != 0) throw cannot_write(part_);
  if (force_ ? std::rename(part_.c_str(), name_.c_str()) != 0
             : renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, name_.c_str(), RENAME_NOREPLACE) != 0) {
    const bool unknown_here = !force_ && errno == EINVAL && !fs::exists(name_);
    if (!unknown_here || std::rename(part_.c_str(), name_.c_str()) != 0) throw cannot_write(name_);
  }
  part_.clear();
}

void PartFile::keep_none() {
  if (!name_.empty()) fs::remove(name_);
}

}  // namespace fkp
