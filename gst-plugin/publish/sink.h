// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>

#include "line_queue.h"

namespace fkp {

struct SinkStats {
  LineCounts counts;
  bool connected = false;
  std::uint64_t connections = 0;  ///< made so far; the second is the first reconnection
};

/// Where published lines go. Failures throw Error (unwritten or disk_full), which names the destination.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Takes a line without a line feed. Into a file it goes at once.
  virtual void write(std::string line) = 0;
  /// Passes on what has been written so far, within a bounded time.
  virtual void flush() = 0;
  /// May be called from any thread: while `on`, flush() does not wait, and does not drop what is on its way.
  virtual void interrupt(bool /*on*/) {}
  virtual SinkStats stats() const = 0;
};

/// A file opened for writing: overwritten, or with `append` continued. A regular file is locked (flock) for as long as it is open.
/// Throws Error (unwritable), also if somebody else has locked it.
std::unique_ptr<Sink> open_file(const std::string& path, bool append);

/// The program's standard output.
std::unique_ptr<Sink> open_stdout();

}  // namespace fkp
