// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wall_clock.h"

#include <array>

namespace fkp {
namespace {

struct Reference {
  const char* caps;
  std::int64_t to_1970;  // nanoseconds from its epoch
};
constexpr std::array<Reference, 2> kReferences{{{"timestamp/x-ntp", 2'208'988'800LL * 1'000'000'000}, {"timestamp/x-unix", 0}}};

std::optional<WallTime> reference_time(GstBuffer* buffer) {
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(buffer, &state, GST_REFERENCE_TIMESTAMP_META_API_TYPE)) {
    const auto* stamp = reinterpret_cast<GstReferenceTimestampMeta*>(meta);
    if (!GST_CLOCK_TIME_IS_VALID(stamp->timestamp) || gst_caps_is_empty(stamp->reference) || gst_caps_is_any(stamp->reference)) continue;
    for (const Reference& r : kReferences)
      if (gst_structure_has_name(gst_caps_get_structure(stamp->reference, 0), r.caps))
        return WallTime{static_cast<std::int64_t>(stamp->timestamp) - r.to_1970, true};
  }
  return std::nullopt;
}

bool is_live(GstBaseTransform* element) {
  GstQuery* query = gst_query_new_latency();
  gboolean live = FALSE;
  if (gst_pad_peer_query(GST_BASE_TRANSFORM_SINK_PAD(element), query)) gst_query_parse_latency(query, &live, nullptr, nullptr);
  gst_query_unref(query);
  return live;
}

std::optional<WallTime> clock_time(GstBaseTransform* element, GstBuffer* buffer) {
  GstClock* clock = gst_element_get_clock(GST_ELEMENT(element));
  if (!clock) return std::nullopt;
  const auto now = static_cast<std::int64_t>(gst_clock_get_time(clock));
  const std::int64_t real_now = g_get_real_time() * 1000;
  gst_object_unref(clock);
  const GstClockTime running = gst_segment_to_running_time(&element->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (!GST_CLOCK_TIME_IS_VALID(running)) return std::nullopt;
  const auto taken = static_cast<std::int64_t>(gst_element_get_base_time(GST_ELEMENT(element)) + running);
  return WallTime{real_now - (now - taken), false};
}

}  // namespace

std::optional<WallTime> WallClock::time(GstBaseTransform* element, GstBuffer* buffer) {
  if (const auto reference = reference_time(buffer)) return reference;
  if (element->segment.format != GST_FORMAT_TIME || !GST_BUFFER_PTS_IS_VALID(buffer)) return std::nullopt;
  if (!live_) live_ = is_live(element);
  return *live_ ? clock_time(element, buffer) : std::nullopt;
}

}  // namespace fkp
