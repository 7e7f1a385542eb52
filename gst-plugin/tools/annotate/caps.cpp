// SPDX-License-Identifier: LGPL-2.1-or-later
#include "caps.h"

#include <gst/video/video.h>

#include <initializer_list>

#include "gst_ptr.h"
#include "probe.h"

namespace fkp {
namespace {

constexpr int kMostLinesOfSd = 576;

/// Null for any event but CAPS; it belongs to the event.
GstCaps* caps_of(GstPadProbeInfo* info) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  GstCaps* caps = nullptr;
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) gst_event_parse_caps(event, &caps);
  return caps;
}

GstPadProbeReturn complete(GstPad*, GstPadProbeInfo* info, gpointer) {
  GstCaps* caps = caps_of(info);
  const GstStructure* structure = caps ? gst_caps_get_structure(caps, 0) : nullptr;
  const gchar* text = structure ? gst_structure_get_string(structure, "colorimetry") : nullptr;
  GstVideoColorimetry colours;
  gint height = 0;
  if (!text || !gst_video_colorimetry_from_string(&colours, text) || !gst_structure_get_int(structure, "height", &height))
    return GST_PAD_PROBE_OK;
  if (colours.matrix != GST_VIDEO_COLOR_MATRIX_UNKNOWN || colours.range == GST_VIDEO_COLOR_RANGE_UNKNOWN) return GST_PAD_PROBE_OK;
  colours.matrix = height > kMostLinesOfSd ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601;
  const GstPtr<gchar> completed(gst_video_colorimetry_to_string(&colours));
  const GstPtr<GstCaps> mended(gst_caps_copy(caps));
  gst_caps_set_simple(mended.get(), "colorimetry", G_TYPE_STRING, completed.get(), nullptr);
  replace_event(info, gst_event_new_caps(mended.get()));
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn demand_size(GstPad* pad, GstPadProbeInfo*, gpointer capsfilter) {
  const GstPtr<GstCaps> caps(gst_pad_get_current_caps(pad));
  GstCaps* wanted = nullptr;
  g_object_get(capsfilter, "caps", &wanted, nullptr);
  const GstPtr<GstCaps> demanded(gst_caps_make_writable(wanted));
  for (const char* field : {"width", "height", "pixel-aspect-ratio"})
    if (const GValue* value = gst_structure_get_value(gst_caps_get_structure(caps.get(), 0), field))
      gst_caps_set_value(demanded.get(), field, value);
  g_object_set(capsfilter, "caps", demanded.get(), nullptr);
  return GST_PAD_PROBE_REMOVE;
}

}  // namespace

void complete_colorimetry(GstPad* pad) { gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, complete, nullptr, nullptr); }

void keep_first_size(GstPad* pad, GstElement* capsfilter) {
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, demand_size, gst_object_ref(capsfilter), gst_object_unref);
}

}  // namespace fkp
