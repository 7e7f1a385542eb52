// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace fkp {

/// A log with timestamps and, on a terminal, a status line below it. All on standard error; what cannot be written is lost.
class Console {
 public:
  Console();
  ~Console() { end_status(); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  bool is_terminal() const { return terminal_; }
  void log(const std::string& text);
  /// Prints a line without a timestamp.
  static void print(const std::string& line);
  /// Replaces the status line on a terminal; elsewhere logs it.
  void status(const std::string& text);
  /// Leaves the status line as it is and begins a new line.
  void end_status();

 private:
  void draw();

  const bool terminal_;
  std::string status_;
};

}  // namespace fkp
