// SPDX-License-Identifier: LGPL-2.1-or-later
#include "caps.h"

#include <gst/audio/audio.h>
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

/// Empty if there is nothing to complete.
GstPtr<gchar> completed_colorimetry(const GstStructure* video) {
  const gchar* text = gst_structure_get_string(video, "colorimetry");
  GstVideoColorimetry colours;
  gint height = 0;
  if (!text || !gst_video_colorimetry_from_string(&colours, text) || !gst_structure_get_int(video, "height", &height)) return nullptr;
  if (colours.matrix != GST_VIDEO_COLOR_MATRIX_UNKNOWN || colours.range == GST_VIDEO_COLOR_RANGE_UNKNOWN) return nullptr;
  colours.matrix = height > kMostLinesOfSd ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601;
  return GstPtr<gchar>(gst_video_colorimetry_to_string(&colours));
}

GstPadProbeReturn mend_video(GstPad*, GstPadProbeInfo* info, gpointer) {
  GstCaps* caps = caps_of(info);
  if (!caps) return GST_PAD_PROBE_OK;
  const GstStructure* video = gst_caps_get_structure(caps, 0);
  const GstPtr<GstCaps> mended(gst_caps_copy(caps));
  if (const GstPtr<gchar> colorimetry = completed_colorimetry(video))
    gst_caps_set_simple(mended.get(), "colorimetry", G_TYPE_STRING, colorimetry.get(), nullptr);
  gint n = 1, d = 1;
  if (gst_structure_get_fraction(video, "pixel-aspect-ratio", &n, &d) && (n <= 0 || d <= 0))
    gst_caps_set_simple(mended.get(), "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, nullptr);
  if (!gst_caps_is_equal(caps, mended.get())) replace_event(info, gst_event_new_caps(mended.get()));
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn mend_channels(GstPad*, GstPadProbeInfo* info, gpointer) {
  // Bits of GstAudioChannelPosition. Samples are in their order, so that only without those between it is the name alone that changes.
  constexpr guint64 kSides = 0xc00, kBehind = 0x30, kBehindToBeforeSides = 0x3f0;
  GstCaps* caps = caps_of(info);
  gint channels = 0;
  guint64 mask = 0;
  if (!caps || !gst_structure_get(gst_caps_get_structure(caps, 0), "channels", G_TYPE_INT, &channels, "channel-mask", GST_TYPE_BITMASK,
                                  &mask, nullptr))
    return GST_PAD_PROBE_OK;
  guint64 usual = mask;
  if (mask == 0 && channels > 2)
    usual = gst_audio_channel_get_fallback_mask(channels);
  else if ((mask & kSides) == kSides && (mask & kBehindToBeforeSides) == 0)
    usual = (mask & ~kSides) | kBehind;
  if (usual == mask) return GST_PAD_PROBE_OK;
  const GstPtr<GstCaps> mended(gst_caps_copy(caps));
  gst_caps_set_simple(mended.get(), "channel-mask", GST_TYPE_BITMASK, usual, nullptr);
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

void complete_video(GstPad* pad) { gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, mend_video, nullptr, nullptr); }

void complete_channels(GstPad* pad) { gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, mend_channels, nullptr, nullptr); }

void keep_first_size(GstPad* pad, GstElement* capsfilter) {
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, demand_size, gst_object_ref(capsfilter), gst_object_unref);
}

}  // namespace fkp
