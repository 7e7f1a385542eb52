// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>

namespace fkp {

/// Where published lines go. A failure throws Error (unwritten, or disk_full) that names the place.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Takes a line without its line feed.
  virtual void write(const std::string& line) = 0;
  /// Hands on what was taken so far.
  virtual void flush() = 0;
};

/// A file opened for writing; what was in it is lost. Throws Error (unwritable).
std::unique_ptr<Sink> open_file(const std::string& path);

/// The program's standard output. Each line is handed on at once, for whoever reads the pipe.
std::unique_ptr<Sink> open_stdout();

}  // namespace fkp
