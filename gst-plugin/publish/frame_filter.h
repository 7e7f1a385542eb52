// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <optional>

#include "fkp/core/frame_json.h"

namespace fkp {

struct FrameFilterOptions {
  bool only_when_changed = false;
  double min_movement = 0;  ///< pixels by which points and boxes may move without counting as moved
  double max_rate = 0;      ///< frames per second; 0: all
};

/// Decides which frames are published.
class FrameFilter {
 public:
  /// `time`: running time of the frame in nanoseconds; without it the rate is not limited. If the result is true, the frame counts as
  /// published.
  bool wanted(const FrameRecord& record, std::optional<std::uint64_t> time, const FrameFilterOptions& options);

  /// The running time starts afresh.
  void restart_time() { last_time_.reset(); }

 private:
  std::optional<FrameRecord> last_;  // the last one published
  std::optional<std::uint64_t> last_time_;
};

}  // namespace fkp
