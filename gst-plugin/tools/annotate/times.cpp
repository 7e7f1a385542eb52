// SPDX-License-Identifier: LGPL-2.1-or-later
#include "times.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "gst_ptr.h"
#include "probe.h"
#include "tally.h"

namespace fkp {
namespace {

bool read_segment(GstPadProbeInfo* info, GstSegment* segment) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_SEGMENT) return false;
  gst_event_copy_segment(event, segment);
  return segment->format == GST_FORMAT_TIME && segment->rate == 1.0;
}

GstPadProbeReturn start_at_zero(GstPad*, GstPadProbeInfo* info, gpointer) {
  GstSegment segment;
  if (!read_segment(info, &segment) || segment.base != 0 || segment.start == 0) return GST_PAD_PROBE_OK;
  segment.start = segment.time = segment.position = 0;
  replace_event(info, gst_event_new_segment(&segment));
  return GST_PAD_PROBE_OK;
}

void on_pad(GstElement*, GstPad* pad, gpointer) {
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, start_at_zero, nullptr, nullptr);
}

bool is_a(GstElement* element, const char* name) {
  const GstElementFactory* factory = gst_element_get_factory(element);
  return factory && g_strcmp0(GST_OBJECT_NAME(factory), name) == 0;
}

constexpr gsize kBoxHead = 8;       // of a box in an mp4 file: 32 bits of size, 4 letters
constexpr int kDurationsDepth = 3;  // moov/trak/mdia/mdhd

bool is_box(const guint8* at, const char* kind) { return std::memcmp(at + 4, kind, 4) == 0; }

/// The duration in an 'mvhd' or 'mdhd' box, which have it in the same place.
class Duration {
 public:
  Duration(guint8* box, gsize size) {
    const bool wide = box[kBoxHead] == 1;
    if (box[kBoxHead] > 1 || size < (wide ? 40 : 28)) return;
    scale_ = GST_READ_UINT32_BE(box + (wide ? 28 : 20));
    low_ = box + (wide ? 36 : 24);
    units_ = GST_READ_UINT32_BE(low_);
    if (units_ == G_MAXUINT32 || (wide && GST_READ_UINT32_BE(box + 32) > 0)) units_ = 0;  // unknown, or for years
  }
  double seconds() const { return scale_ > 0 ? static_cast<double>(units_) / scale_ : 0; }
  void set_seconds(double seconds) {
    GST_WRITE_UINT32_BE(low_, static_cast<guint32>(std::min(std::ceil(seconds * scale_), 0x7fffffff * 1.)));
  }

 private:
  guint8* low_ = nullptr;  // its last 32 bits
  guint32 scale_ = 0, units_ = 0;
};

/// Finds the durations of the movie and of its longest track in these boxes, and in those `depth` levels below them.
void find_durations(guint8* at, gsize left, int depth, std::optional<Duration>& movie, double& longest) {
  while (left > kBoxHead) {
    const gsize size = GST_READ_UINT32_BE(at);
    if (size <= kBoxHead || size > left) return;
    if (is_box(at, "mvhd")) movie = Duration(at, size);
    if (is_box(at, "mdhd")) longest = std::max(longest, Duration(at, size).seconds());
    if (depth > 0 && (is_box(at, "moov") || is_box(at, "trak") || is_box(at, "mdia")))
      find_durations(at + kBoxHead, size - kBoxHead, depth - 1, movie, longest);
    at += size;
    left -= size;
  }
}

GstPadProbeReturn lengthen_movie(GstPad*, GstPadProbeInfo* info, gpointer) {
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  guint8 head[kBoxHead];
  if (gst_buffer_extract(buffer, 0, head, sizeof head) < sizeof head || !is_box(head, "moov")) return GST_PAD_PROBE_OK;
  buffer = gst_buffer_make_writable(buffer);
  GST_PAD_PROBE_INFO_DATA(info) = buffer;
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE)) return GST_PAD_PROBE_OK;
  std::optional<Duration> movie;
  double longest = 0;
  find_durations(map.data, map.size, kDurationsDepth, movie, longest);
  if (movie && movie->seconds() > 0 && movie->seconds() < longest) movie->set_seconds(longest);
  gst_buffer_unmap(buffer, &map);
  return GST_PAD_PROBE_OK;
}

void on_element(GstBin*, GstBin*, GstElement* element, gpointer) {
  if (is_a(element, "matroskademux")) g_signal_connect(element, "pad-added", G_CALLBACK(on_pad), nullptr);
  if (!is_a(element, "qtdemux")) return;
  const GstPtr<GstPad> pad(gst_element_get_static_pad(element, "sink"));
  const auto pulled = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_PULL | GST_PAD_PROBE_TYPE_BUFFER);
  gst_pad_add_probe(pad.get(), pulled, lengthen_movie, nullptr, nullptr);
}

/// The frame that last passed a pad.
struct Last {
  GstClockTime time = GST_CLOCK_TIME_NONE;
  GstClockTime end = GST_CLOCK_TIME_NONE;  // by its duration
};

GstClockTime moved_behind(const Last& last, GstClockTime time) {
  constexpr GstClockTime kTick = GST_MSECOND;  // the coarsest unit of a file format, Matroska's
  constexpr GstClockTime kFar = GST_SECOND;    // durations may be wrong
  const bool far = GST_CLOCK_TIME_IS_VALID(time) && last.end > time + kFar;
  return far ? last.time + kTick : std::max(last.time + kTick, last.end);
}

GstPadProbeReturn put_in_order(GstPad*, GstPadProbeInfo* info, gpointer user_data) {
  auto* last = static_cast<Last*>(user_data);
  if (!(GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER)) {
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_SEGMENT) *last = {};  // times begin anew
    return GST_PAD_PROBE_OK;
  }
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  const GstClockTime time = GST_BUFFER_PTS(buffer);
  if (GST_CLOCK_TIME_IS_VALID(last->time) && (!GST_CLOCK_TIME_IS_VALID(time) || time <= last->time)) {
    buffer = gst_buffer_make_writable(buffer);
    GST_BUFFER_PTS(buffer) = moved_behind(*last, time);
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
  }
  last->time = last->end = GST_BUFFER_PTS(buffer);
  if (GST_CLOCK_TIME_IS_VALID(last->end) && GST_BUFFER_DURATION_IS_VALID(buffer)) last->end += GST_BUFFER_DURATION(buffer);
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn never_stop(GstPad*, GstPadProbeInfo* info, gpointer) {
  GstSegment segment;
  if (!read_segment(info, &segment)) return GST_PAD_PROBE_OK;
  segment.stop = GST_CLOCK_TIME_NONE;
  replace_event(info, gst_event_new_segment(&segment));
  return GST_PAD_PROBE_OK;
}

/// Until the first buffer has come, a parser answers a gap with caps that it makes up, which a muxer then does not let it change.
GstPadProbeReturn withhold_first_gaps(GstPad*, GstPadProbeInfo* info, gpointer) {
  if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) return GST_PAD_PROBE_REMOVE;
  return GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_GAP ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

GstPadProbeReturn begin_within(GstPad* pad, GstPadProbeInfo* info, gpointer) {
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  GstSegment segment;
  if (!GST_BUFFER_PTS_IS_VALID(buffer) || !GST_BUFFER_DURATION_IS_VALID(buffer) || !segment_of(pad, &segment)) return GST_PAD_PROBE_OK;
  const GstClockTime end = GST_BUFFER_PTS(buffer) + GST_BUFFER_DURATION(buffer);
  if (GST_BUFFER_PTS(buffer) >= segment.start || end <= segment.start) return GST_PAD_PROBE_OK;
  buffer = gst_buffer_make_writable(buffer);
  GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = segment.start;
  GST_BUFFER_DURATION(buffer) = end - segment.start;
  GST_PAD_PROBE_INFO_DATA(info) = buffer;
  return GST_PAD_PROBE_OK;
}

}  // namespace

void keep_demuxed_times(GstElement* pipeline) { g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(on_element), nullptr); }

void keep_order(GstPad* pad) {
  const auto what = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
  gst_pad_add_probe(pad, what, put_in_order, new Last, [](gpointer last) { delete static_cast<Last*>(last); });
}

void keep_sound_edges(GstPad* pad) {
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, never_stop, nullptr, nullptr);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, begin_within, nullptr, nullptr);
  const auto what = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
  gst_pad_add_probe(pad, what, withhold_first_gaps, nullptr, nullptr);
}

}  // namespace fkp
