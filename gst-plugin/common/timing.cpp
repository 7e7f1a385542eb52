// SPDX-License-Identifier: LGPL-2.1-or-later
#include "timing.h"

namespace fkp {
namespace {

struct Reference {
  const char* caps;
  std::int64_t to_1970;  // nanoseconds from its epoch to 1970
};
constexpr Reference kReferences[] = {{"timestamp/x-ntp", 2'208'988'800LL * 1'000'000'000}, {"timestamp/x-unix", 0}};

}  // namespace

GstClockTime running_time(const GstBaseTransform* base, const GstBuffer* buffer) {
  if (base->segment.format != GST_FORMAT_TIME) return GST_CLOCK_TIME_NONE;
  return gst_segment_to_running_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
}

GstClockTime stream_time(const GstBaseTransform* base, const GstBuffer* buffer) {
  if (base->segment.format != GST_FORMAT_TIME) return GST_CLOCK_TIME_NONE;
  return gst_segment_to_stream_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
}

GstClockTime running_time_now(GstElement* element) {
  GstClock* clock = gst_element_get_clock(element);
  if (!clock) return GST_CLOCK_TIME_NONE;
  const GstClockTime now = gst_clock_get_time(clock), base = gst_element_get_base_time(element);
  gst_object_unref(clock);
  return now > base ? now - base : 0;
}

void sync_controlled_properties(GstBaseTransform* base, GstBuffer* buffer) {
  const GstClockTime time = stream_time(base, buffer);
  if (GST_CLOCK_TIME_IS_VALID(time)) gst_object_sync_values(GST_OBJECT(base), time);
}

bool is_live(GstPad* sink) {
  GstQuery* query = gst_query_new_latency();
  gboolean live = FALSE;
  if (gst_pad_peer_query(sink, query)) gst_query_parse_latency(query, &live, nullptr, nullptr);
  gst_query_unref(query);
  return live;
}

std::optional<std::int64_t> reference_time(GstBuffer* buffer) {
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(buffer, &state, GST_REFERENCE_TIMESTAMP_META_API_TYPE)) {
    const auto* stamp = reinterpret_cast<GstReferenceTimestampMeta*>(meta);
    if (!GST_CLOCK_TIME_IS_VALID(stamp->timestamp) || gst_caps_is_empty(stamp->reference) || gst_caps_is_any(stamp->reference)) continue;
    for (const Reference& r : kReferences)
      if (gst_structure_has_name(gst_caps_get_structure(stamp->reference, 0), r.caps))
        return static_cast<std::int64_t>(stamp->timestamp) - r.to_1970;
  }
  return std::nullopt;
}

}  // namespace fkp
