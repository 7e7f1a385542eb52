// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>

namespace fkp {

/// Keeps the delay of a live stream bounded when frames come faster than they can be analysed: decides which frames to analyse, and reports
/// how long analysis delays a frame. All times are in nanoseconds.
///
/// While a frame is analysed, the frames behind it wait: one that was captured in that time is passed on without analysis. This is judged
/// by the frames' own times, so that neither a camera's jitter nor its clock's drift is mistaken for slow analysis. It does not rely on
/// anything downstream: many sinks never report how late a frame was.
class Pace {
 public:
  /// Whether to analyse a frame. `time`: its running time; `age`: how far the clock is ahead of that. Apart from the delay of analysis,
  /// frames that are over a quarter of a second older than the minimum age so far are skipped as well, until the stream has caught up:
  /// something else in this thread is too slow.
  bool due(std::int64_t time, std::int64_t age);

  /// Reports how long the analysis of the frame of that time took. Returns whether latency() has changed.
  bool took(std::int64_t time, std::int64_t duration);

  /// How long analysis delays a frame: the longest of the last ten seconds except for a single outlier, plus a margin; 0 before two frames
  /// have been analysed.
  std::int64_t latency() const { return latency_; }

  /// Starts afresh: what follows is unrelated to what came before (a seek, another stream). The latency stays until it is measured again.
  void restart();

 private:
  bool behind(std::int64_t time, std::int64_t age);

  std::int64_t latency_ = 0;
  std::optional<std::int64_t> free_at_;    // when analysis of the frames so far ends, had each arrived when captured
  std::optional<std::int64_t> least_age_;  // minimum so far, with an allowance for drift
  std::optional<std::int64_t> behind_since_;
  std::int64_t least_behind_ = 0, last_time_ = 0;  // minimum age since then; time of the last frame
  std::optional<std::int64_t> window_;             // start of the current ten seconds
  std::array<std::int64_t, 2> longest_{};          // the two longest analyses in them, the longer one first
};

}  // namespace fkp
