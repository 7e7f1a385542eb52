// SPDX-License-Identifier: LGPL-2.1-or-later
#include "times.h"

#include "tally.h"

namespace fkp {
namespace {

void replace_segment(GstPadProbeInfo* info, const GstSegment& segment) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  GstEvent* replaced = gst_event_new_segment(&segment);
  gst_event_set_seqnum(replaced, gst_event_get_seqnum(event));
  gst_event_unref(event);
  GST_PAD_PROBE_INFO_DATA(info) = replaced;
}

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
  replace_segment(info, segment);
  return GST_PAD_PROBE_OK;
}

void on_pad(GstElement*, GstPad* pad, gpointer) {
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, start_at_zero, nullptr, nullptr);
}

void on_element(GstBin*, GstBin*, GstElement* element, gpointer) {
  const GstElementFactory* factory = gst_element_get_factory(element);
  if (factory && g_strcmp0(GST_OBJECT_NAME(factory), "matroskademux") == 0)
    g_signal_connect(element, "pad-added", G_CALLBACK(on_pad), nullptr);
}

GstPadProbeReturn never_stop(GstPad*, GstPadProbeInfo* info, gpointer) {
  GstSegment segment;
  if (!read_segment(info, &segment)) return GST_PAD_PROBE_OK;
  segment.stop = GST_CLOCK_TIME_NONE;
  replace_segment(info, segment);
  return GST_PAD_PROBE_OK;
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

void keep_matroska_times(GstElement* pipeline) { g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(on_element), nullptr); }

void keep_sound_edges(GstPad* pad) {
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, never_stop, nullptr, nullptr);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, begin_within, nullptr, nullptr);
}

}  // namespace fkp
