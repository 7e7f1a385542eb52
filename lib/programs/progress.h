// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <string>

namespace fkp {

/// The progress line of a program: a bar that is redrawn in place on a terminal, a plain line now and then elsewhere.
/// Writes to standard error.
class Progress {
 public:
  /// `label` is printed before the bar; `done` is what an earlier run has done already, in [0, 1).
  explicit Progress(std::string label, double done = 0);
  ~Progress() { end_line(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` in [0, 1]; `note` is printed after the time left. Draws at most ten times a second on a terminal, and one line every ten
  /// seconds elsewhere.
  void update(double done, const std::string& note);

  /// Draws the final state and ends the line.
  void finish(const std::string& note);

  /// Call before printing something else: leaves the bar as it is; the next one is drawn below.
  void end_line();

 private:
  using Clock = std::chrono::steady_clock;
  void draw(double done, const std::string& note, bool last);

  std::string label_;
  double start_done_;
  bool terminal_;
  bool open_ = false;  ///< the cursor is on the bar's line
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_{};
};

}  // namespace fkp
