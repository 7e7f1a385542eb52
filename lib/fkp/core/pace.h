// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <optional>

namespace fkp {

/// Keeps the delay of a live stream bounded where frames come faster than they can be analysed: says which frames to look
/// at, and how long an analysis may delay a frame. Times are nanoseconds of the stream's clock.
///
/// A frame's lateness is its age when it comes. While one frame is analysed, those behind it wait and come late: they are
/// passed on at once, until the stream has caught up. So no frame leaves later than latency() after the earliest that it
/// could have come. Nothing is asked of what lies downstream: many sinks never tell how late a frame was.
class Pace {
 public:
  /// Whether to look at a frame of this age. Ages may be negative; only their differences matter.
  bool due(std::int64_t age, std::int64_t now);

  /// What the analysis of a frame took. True where latency() has changed by it.
  bool took(std::int64_t duration, std::int64_t now);

  /// The longest that analysis delays a frame: of the last ten seconds or so, rounded up; 0 before the first.
  std::int64_t latency() const { return latency_; }

  /// What follows has nothing to do with what was: a seek, another clock. The latency stays.
  void restart();

 private:
  std::optional<std::int64_t> punctual_;    // the least age seen: that of a frame that waited for nothing
  std::optional<std::int64_t> late_since_;  // no frame was punctual since then …
  std::int64_t least_late_ = 0;             // … and the least age since
  std::int64_t latency_ = 0, recent_ = 0, recent_since_ = 0;
};

}  // namespace fkp
