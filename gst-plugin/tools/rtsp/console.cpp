// SPDX-License-Identifier: LGPL-2.1-or-later
#include "console.h"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace fkp {

Console::Console() : terminal_(isatty(STDERR_FILENO) != 0) {}

void Console::log(const std::string& text) {
  if (terminal_) std::fputs("\r\033[K", stderr);
  print(fmt::format("{:%Y-%m-%d %H:%M:%S} {}", fmt::localtime(std::time(nullptr)), text));
  if (terminal_) draw();
}

// fmt::print would throw if the log cannot be written; that must not end the cameras.
void Console::print(const std::string& line) { std::fputs((line + '\n').c_str(), stderr); }

void Console::status(const std::string& text) {
  if (!terminal_) return log(text);
  status_ = text;
  std::fputs("\r\033[K", stderr);
  draw();
}

void Console::end_status() {
  if (!status_.empty()) std::fputc('\n', stderr);
  status_.clear();
}

// Cuts the line to the terminal's width: a longer one could not be replaced.
void Console::draw() {
  winsize size{};
  std::size_t columns = 80;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) columns = size.ws_col;
  std::size_t end = std::min(columns - 1, status_.size());
  while (end > 0 && end < status_.size() && (status_[end] & 0xc0) == 0x80) end--;  // not within a character
  std::fputs(status_.substr(0, end).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace fkp
