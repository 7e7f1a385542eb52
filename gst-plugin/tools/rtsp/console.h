// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace fkp {

/// Lines of a log with the time of day before them, and on a terminal one line below them that changes. All on standard error.
class Console {
 public:
  Console();
  ~Console() { end_status(); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  bool is_terminal() const { return terminal_; }
  void log(const std::string& text);
  /// Replaces the line below on a terminal; elsewhere it is one of the log.
  void status(const std::string& text);
  /// The line below stays as it is.
  void end_status();

 private:
  void draw();

  const bool terminal_;
  std::string status_;
};

}  // namespace fkp
