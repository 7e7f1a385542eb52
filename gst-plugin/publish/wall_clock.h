// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>

#include <optional>

#include "fkp/core/frame_json.h"

namespace fkp {

/// When a frame was taken, by the calendar.
class WallClock {
 public:
  /// From the buffer's GstReferenceTimestampMeta, NTP or Unix time, which is the sender's clock (RTP sender reports); else, on a
  /// live stream, from the pipeline's clock and this machine's; else unknown.
  std::optional<WallTime> time(GstBaseTransform* element, GstBuffer* buffer);

  /// What follows may be another stream.
  void restart() { live_.reset(); }

 private:
  std::optional<bool> live_;
};

}  // namespace fkp
