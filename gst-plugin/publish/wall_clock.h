// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>

#include <optional>

#include "fkp/core/frame_json.h"

namespace fkp {

/// When a frame was captured, in wall-clock time.
class WallClock {
 public:
  /// From the buffer's GstReferenceTimestampMeta in NTP or Unix time, which is the sender's clock (RTCP sender reports); else, on a
  /// live stream, from the pipeline's clock and this machine's wall clock; else unknown.
  std::optional<WallTime> time(GstBaseTransform* element, GstBuffer* buffer);

  /// The next frame may belong to another stream.
  void restart() { live_.reset(); }

 private:
  std::optional<bool> live_;
};

}  // namespace fkp
