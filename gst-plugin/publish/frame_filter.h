// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <optional>

#include "fkp/core/frame_json.h"

namespace fkp {

struct FrameFilterOptions {
  bool only_when_changed = false;
  double min_movement = 0;  ///< pixels, above which a point or a box has moved
  double max_rate = 0;      ///< frames a second; 0: all
};

/// Which frames are published.
class FrameFilter {
 public:
  /// `time`: running time of the frame, nanoseconds; without it the rate is not limited. Where the answer is true the frame counts
  /// as published.
  bool wanted(const FrameRecord& record, std::optional<std::uint64_t> time, const FrameFilterOptions& options);

  /// The running time starts anew.
  void restart_time() { last_time_.reset(); }

 private:
  std::optional<FrameRecord> last_;  // that was published
  std::optional<std::uint64_t> last_time_;
};

}  // namespace fkp
