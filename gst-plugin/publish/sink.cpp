// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "fkp/core/error.h"

namespace fkp {
namespace {

/// A stdio stream: a file, which it closes, or standard output.
class Stream : public Sink {
 public:
  Stream(std::FILE* file, std::string name) : file_(file), name_(std::move(name)) {}
  ~Stream() override {
    if (file_ != stdout) std::fclose(file_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void write(std::string line) override {
    line += '\n';
    check(std::fwrite(line.data(), 1, line.size(), file_) == line.size());
    flush();  // whoever reads along sees each line at once, and a crash loses none
    lines_++;
  }
  void flush() override { check(std::fflush(file_) == 0); }
  SinkStats stats() const override {
    LineCounts counts;
    counts.lines = counts.delivered = lines_;
    return {counts, true, 1};
  }

 private:
  void check(bool good) {
    if (good) return;
    const int reason = errno;
    throw Error(reason == ENOSPC ? ErrorKind::disk_full : ErrorKind::unwritten, "cannot write to " + name_ + ": " + std::strerror(reason));
  }

  std::FILE* file_;
  std::string name_;
  std::atomic<std::uint64_t> lines_{0};
};

Error cannot_open(const std::string& path) {
  return Error(ErrorKind::unwritable, "cannot open " + path + " for writing: " + std::strerror(errno));
}

/// Locks a regular file, so that two writers do not spoil each other's lines. What cannot be locked, as on some network file systems, is
/// not.
void lock(int file, const std::string& path) {
  if (flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw Error(ErrorKind::unwritable, path + " is being written by another process or element");
}

/// Whether the file ends in the middle of a line, as a killed process leaves it.
bool ends_within_a_line(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return file.seekg(-1, std::ios::end) && file.get() != '\n';
}

}  // namespace

std::unique_ptr<Sink> open_file(const std::string& path, bool append) {
  // Truncated only once it is locked: until then another writer's lines may be in it.
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : 0), 0666);
  if (descriptor < 0) throw cannot_open(path);
  std::FILE* file = fdopen(descriptor, append ? "a" : "w");
  if (file == nullptr) {
    const Error error = cannot_open(path);
    close(descriptor);
    throw error;
  }
  auto stream = std::make_unique<Stream>(file, path);
  struct stat status {};
  if (fstat(descriptor, &status) != 0) throw cannot_open(path);
  if (!S_ISREG(status.st_mode)) return stream;
  lock(descriptor, path);
  if (!append && ftruncate(descriptor, 0) != 0) throw cannot_open(path);
  if (append && ends_within_a_line(path)) std::fputc('\n', file);
  return stream;
}

std::unique_ptr<Sink> open_stdout() { return std::make_unique<Stream>(stdout, "standard output"); }

}  // namespace fkp
