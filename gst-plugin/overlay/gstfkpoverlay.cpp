// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-fkpoverlay
 * @title: fkpoverlay
 * @short_description: draws the faces that fkpdetect found
 *
 * Draws the keypoints of #GstFkpMeta into the picture: dots, the lines between them, and where wanted the face box, the
 * face's number and the points' numbers. It draws in the frame's own format, without converting it. A frame without faces
 * passes untouched; one whose pixels somebody else sees too, behind a tee, is copied first.
 *
 * Faces that were carried over without a fresh look (#GstFkpFace.held) are drawn dimmer.
 *
 * ## Example pipelines
 *
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! fkpdetect ! fkpoverlay ! videoconvert ! autovideosink
 * ]|
 * Shows a camera's picture with the faces' keypoints.
 *
 * |[
 * gst-launch-1.0 filesrc location=in.mp4 ! decodebin ! fkpdetect ! fkpoverlay color=0xffffd500 show-outline=false show-box=true
 * show-id=true ! x264enc ! mp4mux ! filesink location=out.mp4
 * ]|
 * Writes a film with yellow dots, a box and a number for each face.
 */

#include "gstfkpoverlay.h"

#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include "draw.h"
#include "guarded.h"

GST_DEBUG_CATEGORY_STATIC(gst_fkp_overlay_debug);
#define GST_CAT_DEFAULT gst_fkp_overlay_debug

struct _GstFkpOverlay {  // NOLINT(cppcoreguidelines-pro-type-member-init): GObject makes it, zeroed
  GstBaseTransform parent;
  GstVideoInfo info;
  fkp::Style style;    // under the object lock
  fkp::Style drawing;  // of the frame under way; streaming thread only
};

enum {
  PROP_0,
  PROP_COLOR,
  PROP_RADIUS,
  PROP_LINE_WIDTH,
  PROP_SHOW_POINTS,
  PROP_SHOW_OUTLINE,
  PROP_SHOW_BOX,
  PROP_SHOW_ID,
  PROP_SHOW_INDEX
};

#define CAPS                                                                                                               \
  GST_VIDEO_CAPS_MAKE(                                                                                                     \
      "{ I420, YV12, NV12, NV21, Y42B, Y444, YUY2, UYVY, GRAY8, RGB, BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, ARGB, ABGR " \
      "}")

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(CAPS));

G_DEFINE_FINAL_TYPE_WITH_CODE(GstFkpOverlay, gst_fkp_overlay, GST_TYPE_BASE_TRANSFORM,
                              GST_DEBUG_CATEGORY_INIT(gst_fkp_overlay_debug, "fkpoverlay", 0, "facial keypoint overlay"))
GST_ELEMENT_REGISTER_DEFINE(fkpoverlay, "fkpoverlay", GST_RANK_NONE, GST_TYPE_FKP_OVERLAY)

static gboolean gst_fkp_overlay_set_caps(GstBaseTransform* base, GstCaps* in, GstCaps*) {
  return gst_video_info_from_caps(&GST_FKP_OVERLAY(base)->info, in);
}

// The base class would make every buffer writable; only one that is drawn into has to be. A copy shares its memory until
// it is mapped for writing.
static GstFlowReturn gst_fkp_overlay_prepare_output_buffer(GstBaseTransform* base, GstBuffer* in, GstBuffer** out) {
  auto* self = GST_FKP_OVERLAY(base);
  if (base->segment.format == GST_FORMAT_TIME) {
    const GstClockTime time = gst_segment_to_stream_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(in));
    if (GST_CLOCK_TIME_IS_VALID(time)) gst_object_sync_values(GST_OBJECT(self), time);
  }
  GST_OBJECT_LOCK(self);
  self->drawing = self->style;
  GST_OBJECT_UNLOCK(self);
  const bool copies = fkp::anything_to_draw(gst_fkp_buffer_get_meta(in), self->drawing) && !gst_buffer_is_writable(in);
  *out = copies ? gst_buffer_copy(in) : in;
  return GST_FLOW_OK;
}

// Frames pass through: whoever is downstream says how they should be allocated, and whether their planes may lie anywhere.
static gboolean gst_fkp_overlay_propose_allocation(GstBaseTransform* base, GstQuery*, GstQuery* query) {
  return gst_pad_peer_query(GST_BASE_TRANSFORM_SRC_PAD(base), query);
}

static GstFlowReturn gst_fkp_overlay_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
  auto* self = GST_FKP_OVERLAY(base);
  const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
  if (!fkp::anything_to_draw(meta, self->drawing)) return GST_FLOW_OK;
  GstVideoFrame frame;
  if (!gst_video_frame_map(&frame, &self->info, buffer, GST_MAP_READWRITE)) {
    GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ_WRITE, ("The frame cannot be drawn into."), ("mapping %" GST_PTR_FORMAT, buffer));
    return GST_FLOW_ERROR;
  }
  const bool drawn = fkp::guarded(GST_ELEMENT(self), [&] { fkp::draw(frame, *meta, self->drawing); });
  gst_video_frame_unmap(&frame);
  return drawn ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static void gst_fkp_overlay_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  fkp::Style& style = GST_FKP_OVERLAY(object)->style;
  GST_OBJECT_LOCK(object);
  switch (id) {
    case PROP_COLOR:
      style.color = g_value_get_uint(value);
      break;
    case PROP_RADIUS:
      style.radius = g_value_get_float(value);
      break;
    case PROP_LINE_WIDTH:
      style.line_width = g_value_get_float(value);
      break;
    case PROP_SHOW_POINTS:
      style.points = g_value_get_boolean(value);
      break;
    case PROP_SHOW_OUTLINE:
      style.outline = g_value_get_boolean(value);
      break;
    case PROP_SHOW_BOX:
      style.box = g_value_get_boolean(value);
      break;
    case PROP_SHOW_ID:
      style.id = g_value_get_boolean(value);
      break;
    case PROP_SHOW_INDEX:
      style.index = g_value_get_boolean(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(object);
}

static void gst_fkp_overlay_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  GST_OBJECT_LOCK(object);
  const fkp::Style style = GST_FKP_OVERLAY(object)->style;
  GST_OBJECT_UNLOCK(object);
  switch (id) {
    case PROP_COLOR:
      return g_value_set_uint(value, style.color);
    case PROP_RADIUS:
      return g_value_set_float(value, style.radius);
    case PROP_LINE_WIDTH:
      return g_value_set_float(value, style.line_width);
    case PROP_SHOW_POINTS:
      return g_value_set_boolean(value, style.points);
    case PROP_SHOW_OUTLINE:
      return g_value_set_boolean(value, style.outline);
    case PROP_SHOW_BOX:
      return g_value_set_boolean(value, style.box);
    case PROP_SHOW_ID:
      return g_value_set_boolean(value, style.id);
    case PROP_SHOW_INDEX:
      return g_value_set_boolean(value, style.index);
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

static void gst_fkp_overlay_init(GstFkpOverlay* self) {
  gst_video_info_init(&self->info);
  self->style = self->drawing = fkp::Style();
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_fkp_overlay_class_init(GstFkpOverlayClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  auto* element = GST_ELEMENT_CLASS(klass);
  auto* base = GST_BASE_TRANSFORM_CLASS(klass);
  object->set_property = gst_fkp_overlay_set_property;
  object->get_property = gst_fkp_overlay_get_property;

  const auto flags =
      static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING | GST_PARAM_CONTROLLABLE);
  const fkp::Style style;
  const auto install = [&](guint id, GParamSpec* spec) { g_object_class_install_property(object, id, spec); };
  const auto install_switch = [&](guint id, const char* name, const char* nick, const char* blurb, bool value) {
    install(id, g_param_spec_boolean(name, nick, blurb, value, flags));
  };
  install(PROP_COLOR,
          g_param_spec_uint("color", "Colour", "Colour of all that is drawn, as 0xAARRGGBB with 8 bits each; alpha 0xff is opaque", 0,
                            G_MAXUINT32, style.color, flags));
  install(PROP_RADIUS, g_param_spec_float("radius", "Radius", "Radius of a point's dot in pixels; 0: by the face's size, 0.8 to 6 pixels",
                                          0, 1000, style.radius, flags));
  install(PROP_LINE_WIDTH,
          g_param_spec_float("line-width", "Line width", "Width of outline and box in pixels; 0: by the face's size, 0.8 to 4.2 pixels", 0,
                             1000, style.line_width, flags));
  install_switch(PROP_SHOW_POINTS, "show-points", "Show points", "Draw a dot at each keypoint (true or false)", style.points);
  install_switch(PROP_SHOW_OUTLINE, "show-outline", "Show outline", "Draw the lines of the keypoint scheme (true or false)", style.outline);
  install_switch(PROP_SHOW_BOX, "show-box", "Show box", "Draw the face box (true or false)", style.box);
  install_switch(PROP_SHOW_ID, "show-id", "Show number", "Write the face's number above its box (true or false)", style.id);
  install_switch(PROP_SHOW_INDEX, "show-index", "Show point numbers",
                 "Write each keypoint's number beside it, from 0 in the order of the scheme (true or false)", style.index);

  gst_element_class_set_static_metadata(element, "Facial keypoint overlay", "Filter/Effect/Video",
                                        "Draws the faces and keypoints that fkpdetect found", "fkp");
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  base->set_caps = GST_DEBUG_FUNCPTR(gst_fkp_overlay_set_caps);
  base->propose_allocation = GST_DEBUG_FUNCPTR(gst_fkp_overlay_propose_allocation);
  base->prepare_output_buffer = GST_DEBUG_FUNCPTR(gst_fkp_overlay_prepare_output_buffer);
  base->transform_ip = GST_DEBUG_FUNCPTR(gst_fkp_overlay_transform_ip);
}
