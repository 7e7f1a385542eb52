// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "fkp/core/error.h"

namespace fkp {
namespace {

/// A stdio stream: a file, which it closes, or standard output.
class Stream : public Sink {
 public:
  Stream(std::FILE* file, std::string name, bool line_by_line) : file_(file), name_(std::move(name)), line_by_line_(line_by_line) {}
  ~Stream() override {
    if (file_ != stdout) std::fclose(file_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void write(std::string line) override {
    line += '\n';
    check(std::fwrite(line.data(), 1, line.size(), file_) == line.size());
    if (line_by_line_) flush();
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
  bool line_by_line_;
  std::atomic<std::uint64_t> lines_{0};
};

}  // namespace

std::unique_ptr<Sink> open_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) throw Error(ErrorKind::unwritable, "cannot open " + path + " for writing: " + std::strerror(errno));
  return std::make_unique<Stream>(file, path, false);
}

std::unique_ptr<Sink> open_stdout() { return std::make_unique<Stream>(stdout, "standard output", true); }

}  // namespace fkp
