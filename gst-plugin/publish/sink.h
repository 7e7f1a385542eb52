// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>
#include <system_error>

namespace fkp {

/// Where published lines go. Failures throw std::system_error with the system's code and a message that names the place.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Takes a line without its line feed.
  virtual void write(const std::string& line) = 0;
  /// Hands on what was taken so far.
  virtual void flush() = 0;
};

/// A file opened for writing; what was in it is lost. Throws OpenError.
std::unique_ptr<Sink> open_file(const std::string& path);

/// The program's standard output. Each line is handed on at once, for whoever reads the pipe.
std::unique_ptr<Sink> open_stdout();

/// A place that cannot be opened.
class OpenError : public std::system_error {
 public:
  using std::system_error::system_error;
};

}  // namespace fkp
