// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tally.h"

namespace fkp {

bool segment_of(GstPad* pad, GstSegment* segment) {
  GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  if (!event) return false;
  gst_event_copy_segment(event, segment);
  gst_event_unref(event);
  return true;
}

GstClockTime stream_time(GstPad* pad, GstBuffer* buffer) {
  GstSegment segment;
  if (!GST_BUFFER_PTS_IS_VALID(buffer) || !segment_of(pad, &segment)) return GST_CLOCK_TIME_NONE;
  return gst_segment_to_stream_time(&segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
}

void Tally::add(GstPad* pad, GstBuffer* buffer) {
  const bool first = frames++ == 0;
  GstSegment segment;
  if (!GST_BUFFER_PTS_IS_VALID(buffer) || !segment_of(pad, &segment)) return;
  const GstClockTime time = gst_segment_to_running_time(&segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (!GST_CLOCK_TIME_IS_VALID(time)) return;
  times += time;
  if (first) begin = time;
  position = time + (lasting && GST_BUFFER_DURATION_IS_VALID(buffer) ? GST_BUFFER_DURATION(buffer) : 0);
}

}  // namespace fkp
