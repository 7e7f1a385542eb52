// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>

#include "line_queue.h"

namespace fkp {

struct SinkStats {
  LineCounts counts;
  bool connected = false;
  std::uint64_t connections = 0;  ///< made until now, so that a second one is a reconnection
};

/// Where published lines go. A failure throws Error (unwritten, or disk_full) that names the place.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Takes a line without its line feed.
  virtual void write(std::string line) = 0;
  /// Hands on what was taken so far, within a bounded time.
  virtual void flush() = 0;
  /// From any thread: while `on`, flush() does not wait, and leaves what is on its way as it is.
  virtual void interrupt(bool /*on*/) {}
  virtual SinkStats stats() const = 0;
};

/// A file opened for writing; what was in it is lost. Throws Error (unwritable).
std::unique_ptr<Sink> open_file(const std::string& path);

/// The program's standard output. Each line is handed on at once, for whoever reads the pipe.
std::unique_ptr<Sink> open_stdout();

}  // namespace fkp
