// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>

namespace fkp {

/// Keeps the delay of a live stream bounded where frames come faster than they can be analysed: says which frames to look
/// at, and how long an analysis delays a frame. All times are nanoseconds.
///
/// While one frame is analysed, those behind it wait: a frame that was shot in that time is passed on at once. That is
/// judged by the frames' own times, so neither a camera's jitter nor its clock's drift is taken for the analysis' fault.
/// Nothing is asked of what lies downstream: many sinks never tell how late a frame was.
class Pace {
 public:
  /// Whether to look at a frame. `time`: its running time; `age`: by how much the clock is ahead of that. Besides the
  /// analysis' own delay, frames that come a quarter of a second older than the least age so far go without a look, until
  /// the stream has caught up: something else in this thread is too slow.
  bool due(std::int64_t time, std::int64_t age);

  /// What the analysis of the frame of that time took. True where latency() has changed by it.
  bool took(std::int64_t time, std::int64_t duration);

  /// How long analysis delays a frame: of the last ten seconds, a single outlier left out, rounded up; 0 before two looks.
  std::int64_t latency() const { return latency_; }

  /// What follows has nothing to do with what was: a seek, another stream. The latency stays until it is measured again.
  void restart();

 private:
  bool behind(std::int64_t time, std::int64_t age);

  std::int64_t latency_ = 0;
  std::optional<std::int64_t> free_at_;    // when the analysis is done with what it took up, had that come when it was shot
  std::optional<std::int64_t> least_age_;  // so far, with an allowance for drift
  std::optional<std::int64_t> behind_since_;
  std::int64_t least_behind_ = 0, last_time_ = 0;  // least age since then; time of the last frame
  std::optional<std::int64_t> window_;             // start of the ten seconds
  std::array<std::int64_t, 2> longest_{};          // the two longest analyses in them, the longer one first
};

}  // namespace fkp
