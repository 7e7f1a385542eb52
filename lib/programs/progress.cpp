// SPDX-License-Identifier: LGPL-2.1-or-later
#include "programs/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace fkp {
namespace {

constexpr int kBarWidth = 24;

std::string clock_text(double seconds) {
  const long s = std::lround(seconds);
  char text[32];
  if (s >= 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  return text;
}

}  // namespace

Progress::Progress(std::string label, double done) : label_(std::move(label)), start_done_(done), terminal_(isatty(STDERR_FILENO) != 0) {}

void Progress::update(double done, const std::string& note) {
  const auto interval = terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(10);
  const auto now = Clock::now();
  if (now - std::max(drawn_, terminal_ ? drawn_ : start_) < interval) return;
  drawn_ = now;
  draw(std::clamp(done, 0.0, 1.0), note, false);
}

void Progress::finish(const std::string& note) { draw(1, note, true); }

void Progress::end_line() {
  if (open_) std::fputc('\n', stderr);
  open_ = false;
}

void Progress::draw(double done, const std::string& note, bool last) {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const std::string time = last                 ? "in " + clock_text(elapsed)
                           : done > start_done_ ? clock_text(elapsed / (done - start_done_) * (1 - done)) + " left"
                                                : std::string();
  if (!terminal_) {
    std::fprintf(stderr, "%s %3.0f %% %s  %s\n", label_.c_str(), done * 100, time.c_str(), note.c_str());
    return;
  }
  const int filled = static_cast<int>(done * kBarWidth);
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  std::fprintf(stderr, "\r\033[K%s [%s] %3.0f %% %s  %s%s", label_.c_str(), bar.c_str(), done * 100, time.c_str(), note.c_str(),
               last ? "\n" : "");
  std::fflush(stderr);
  open_ = !last;
}

}  // namespace fkp
