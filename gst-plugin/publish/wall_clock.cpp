// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wall_clock.h"

#include "timing.h"

namespace fkp {

std::optional<WallTime> WallClock::time(GstBaseTransform* element, GstBuffer* buffer) {
  if (const auto reference = reference_time(buffer)) return WallTime{*reference, true};
  const GstClockTime captured = running_time(element, buffer);
  if (!GST_CLOCK_TIME_IS_VALID(captured)) return std::nullopt;
  if (!live_) live_ = is_live(GST_BASE_TRANSFORM_SINK_PAD(element));
  const GstClockTime now = *live_ ? running_time_now(GST_ELEMENT(element)) : GST_CLOCK_TIME_NONE;
  if (!GST_CLOCK_TIME_IS_VALID(now)) return std::nullopt;
  return WallTime{g_get_real_time() * 1000 - (static_cast<std::int64_t>(now) - static_cast<std::int64_t>(captured)), false};
}

}  // namespace fkp
