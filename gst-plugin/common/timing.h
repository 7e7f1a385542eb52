// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/base/gstbasetransform.h>

#include <cstdint>
#include <optional>

namespace fkp {

// The times of a frame, as elements need them. GST_CLOCK_TIME_NONE: unknown.

/// Running and stream time of a buffer in the element's segment; unknown unless the segment's format is time.
GstClockTime running_time(const GstBaseTransform* base, const GstBuffer* buffer);
GstClockTime stream_time(const GstBaseTransform* base, const GstBuffer* buffer);

/// The current running time by the element's clock; unknown while it has none, before PLAYING for instance.
GstClockTime running_time_now(GstElement* element);

/// Sets controlled properties to their values at the buffer's stream time.
void sync_controlled_properties(GstBaseTransform* base, GstBuffer* buffer);

/// Whether the stream into a sink pad is live, according to upstream's answer to a latency query.
bool is_live(GstPad* sink);

/// When a frame was captured, by its sender's clock: nanoseconds since 1970, from its GstReferenceTimestampMeta in NTP or Unix time. An
/// RTSP source derives it from sender reports.
std::optional<std::int64_t> reference_time(GstBuffer* buffer);

}  // namespace fkp
