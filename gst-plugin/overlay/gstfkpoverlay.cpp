// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-fkpoverlay
 * @title: fkpoverlay
 * @short_description: draws the faces that fkpdetect found
 *
 * Draws the faces of #GstFkpMeta into the picture, in the frame's own format, without converting it: their points, the
 * outlines that the keypoint scheme names, their boxes, numbers and scores, and the points' numbers. A frame with nothing to
 * draw passes untouched and is not mapped for writing; one whose pixels somebody else sees too, behind a tee, is copied first.
 *
 * #GstFkpOverlay:style says what is shown. Each show-* property changes one thing of it; once set, it wins over the style,
 * whichever was set first. All properties can be changed while playing.
 *
 * Sizes are in pixels, or follow each face's size where they are 0. Where pixels are not square, they are in heights of a
 * pixel, so that dots are round on the display.
 *
 * Faces that were carried over without a fresh look (#GstFkpFace.held) are drawn at 40 % of the colour's opacity.
 *
 * ## Example pipelines
 *
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! fkpdetect ! queue ! fkpoverlay ! videoconvert ! autovideosink
 * ]|
 * Shows a camera's picture with the faces' keypoints.
 *
 * |[
 * gst-launch-1.0 filesrc location=in.mp4 ! decodebin ! fkpdetect ! fkpoverlay style=full show-outline=false color=0xffffd500 !
 * videoconvert ! x264enc ! mp4mux ! filesink location=out.mp4
 * ]|
 * Writes a film with yellow dots, a box and a number for each face.
 *
 * |[
 * gst-launch-1.0 filesrc location=in.mp4 ! decodebin ! fkpdetect ! fkpoverlay style=debug ! videoconvert ! autovideosink
 * ]|
 * Shows all that is known of each face: which point is which, how sure the model is, and what is held.
 */

#include "gstfkpoverlay.h"

#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include <array>
#include <iterator>
#include <optional>

#include "canvas.h"
#include "draw.h"
#include "frames.h"
#include "guarded.h"
#include "properties.h"
#include "style.h"

GST_DEBUG_CATEGORY_STATIC(gst_fkp_overlay_debug);
#define GST_CAT_DEFAULT gst_fkp_overlay_debug

namespace {

struct State {
  fkp::Choice choice;  // with the style, under the object lock
  fkp::Style style;
  fkp::Style drawing;  // of the frame under way; this and below for the streaming thread
  GstVideoInfo info{};
  std::optional<fkp::Coverage> coverage;  // from the caps on
  fkp::UnmappedFrames unmapped;
};

struct Switch {
  fkp::Show show;
  const char *name, *nick, *blurb;
};

// Their properties are numbered from PROP_SHOW on.
constexpr Switch kSwitches[] = {
    {fkp::kPoints, "show-points", "Show points", "Draw a dot at each keypoint; once set, wins over the style"},
    {fkp::kOutline, "show-outline", "Show outline", "Draw the lines of the keypoint scheme; once set, wins over the style"},
    {fkp::kBox, "show-box", "Show box", "Draw the face box; once set, wins over the style"},
    {fkp::kId, "show-id", "Show number", "Write the face's number above its box; once set, wins over the style"},
    {fkp::kScore, "show-score", "Show score",
     "Write above the box how sure the model is that this is a face, 0.00 to 1.00; once set, wins over the style"},
    {fkp::kIndex, "show-index", "Show point numbers",
     "Write each keypoint's number beside it, from 0 in the order of the scheme, where there is room; once set, wins over the style"},
};

}  // namespace

struct _GstFkpOverlay {
  GstBaseTransform parent;
  State* state;  // all that has a destructor: made in init, deleted in finalize
};

enum { PROP_0, PROP_STYLE, PROP_COLOR, PROP_RADIUS, PROP_LINE_WIDTH, PROP_SHOW };

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_CANVAS_FORMATS)));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_CANVAS_FORMATS)));

G_DEFINE_FINAL_TYPE_WITH_CODE(GstFkpOverlay, gst_fkp_overlay, GST_TYPE_BASE_TRANSFORM,
                              GST_DEBUG_CATEGORY_INIT(gst_fkp_overlay_debug, "fkpoverlay", 0, "facial keypoint overlay"))
GST_ELEMENT_REGISTER_DEFINE(fkpoverlay, "fkpoverlay", GST_RANK_NONE, GST_TYPE_FKP_OVERLAY)

static GType gst_fkp_overlay_style_get_type() {
  static const GType type = [] {
    static std::array<GEnumValue, std::size(fkp::kPresets) + 1> values{};  // ends with zeros
    for (std::size_t i = 0; i < std::size(fkp::kPresets); i++)
      values[i] = {static_cast<gint>(i), fkp::kPresets[i].description, fkp::kPresets[i].name};
    return g_enum_register_static("GstFkpOverlayStyle", values.data());
  }();
  return type;
}

static gboolean gst_fkp_overlay_set_caps(GstBaseTransform* base, GstCaps* in, GstCaps*) {
  auto* self = GST_FKP_OVERLAY(base);
  State& state = *self->state;
  if (!gst_video_info_from_caps(&state.info, in)) return FALSE;
  const float aspect = static_cast<float>(GST_VIDEO_INFO_PAR_N(&state.info)) / static_cast<float>(GST_VIDEO_INFO_PAR_D(&state.info));
  return fkp::guarded(GST_ELEMENT(self), [&] { state.coverage.emplace(state.info.width, state.info.height, aspect); });
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
  self->state->drawing = self->state->style;
  self->state->drawing.show = self->state->choice.show();
  GST_OBJECT_UNLOCK(self);
  const bool copies = fkp::anything_to_draw(gst_fkp_buffer_get_meta(in), self->state->drawing) && !gst_buffer_is_writable(in);
  *out = copies ? gst_buffer_copy(in) : in;
  return GST_FLOW_OK;
}

static GstFlowReturn gst_fkp_overlay_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
  auto* self = GST_FKP_OVERLAY(base);
  State& state = *self->state;
  const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer);
  if (!fkp::anything_to_draw(meta, state.drawing)) return GST_FLOW_OK;
  const bool drawn = fkp::guarded(GST_ELEMENT(self), [&] {
    try {
      fkp::Canvas canvas(buffer, state.info);
      fkp::draw(canvas, *state.coverage, {state.info.width, state.info.height}, *meta, state.drawing);
      state.unmapped.ended();
    } catch (const fkp::UnmappedFrame& frame) {
      state.unmapped.came(GST_ELEMENT(self), frame);
    }
  });
  return drawn ? GST_FLOW_OK : GST_FLOW_ERROR;
}

// A style sets the switches that the user did not set; whoever watches one of them is told.
static void gst_fkp_overlay_set_style(GstFkpOverlay* self, unsigned preset) {
  fkp::Choice& choice = self->state->choice;
  GST_OBJECT_LOCK(self);
  const unsigned before = choice.show();
  choice.preset = preset;
  const unsigned changed = before ^ choice.show();
  GST_OBJECT_UNLOCK(self);
  for (const Switch& s : kSwitches)
    if (changed & s.show) g_object_notify(G_OBJECT(self), s.name);
}

static void gst_fkp_overlay_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_OVERLAY(object);
  if (id == PROP_STYLE) return gst_fkp_overlay_set_style(self, g_value_get_enum(value));
  State& state = *self->state;
  GST_OBJECT_LOCK(object);
  switch (id) {
    case PROP_COLOR:
      state.style.color = g_value_get_uint(value);
      break;
    case PROP_RADIUS:
      state.style.radius = g_value_get_float(value);
      break;
    case PROP_LINE_WIDTH:
      state.style.line_width = g_value_get_float(value);
      break;
    default:
      if (id - PROP_SHOW < std::size(kSwitches))
        state.choice.set(kSwitches[id - PROP_SHOW].show, g_value_get_boolean(value));
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(object);
}

static void gst_fkp_overlay_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const State& state = *GST_FKP_OVERLAY(object)->state;
  GST_OBJECT_LOCK(object);
  switch (id) {
    case PROP_STYLE:
      g_value_set_enum(value, static_cast<gint>(state.choice.preset));
      break;
    case PROP_COLOR:
      g_value_set_uint(value, state.style.color);
      break;
    case PROP_RADIUS:
      g_value_set_float(value, state.style.radius);
      break;
    case PROP_LINE_WIDTH:
      g_value_set_float(value, state.style.line_width);
      break;
    default:
      if (id - PROP_SHOW < std::size(kSwitches))
        g_value_set_boolean(value, (state.choice.show() & kSwitches[id - PROP_SHOW].show) != 0);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(object);
}

static void gst_fkp_overlay_init(GstFkpOverlay* self) {
  self->state = new State;
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_fkp_overlay_finalize(GObject* object) {
  delete GST_FKP_OVERLAY(object)->state;
  G_OBJECT_CLASS(gst_fkp_overlay_parent_class)->finalize(object);
}

static void gst_fkp_overlay_class_init(GstFkpOverlayClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  auto* element = GST_ELEMENT_CLASS(klass);
  auto* base = GST_BASE_TRANSFORM_CLASS(klass);
  object->set_property = gst_fkp_overlay_set_property;
  object->get_property = gst_fkp_overlay_get_property;
  object->finalize = gst_fkp_overlay_finalize;

  const auto install = [&](guint id, GParamSpec* spec) { g_object_class_install_property(object, id, spec); };
  const fkp::Choice choice;
  const fkp::Style style;
  install(PROP_STYLE, g_param_spec_enum("style", "Style", "What is shown of a face, unless a show-* property says otherwise",
                                        gst_fkp_overlay_style_get_type(), static_cast<gint>(choice.preset), fkp::kControllable));
  install(PROP_COLOR,
          g_param_spec_uint("color", "Colour", "Colour of all that is drawn, as 0xAARRGGBB with 8 bits each; alpha 0xff is opaque", 0,
                            G_MAXUINT32, style.color, fkp::kControllable));
  install(PROP_RADIUS, g_param_spec_float("radius", "Radius", "Radius of a point's dot in pixels; 0: by the face's size, 1 to 6 pixels", 0,
                                          1000, style.radius, fkp::kControllable));
  install(PROP_LINE_WIDTH,
          g_param_spec_float("line-width", "Line width", "Width of outline and box in pixels; 0: by the face's size, 0.8 to 4.2 pixels", 0,
                             1000, style.line_width, fkp::kControllable));
  for (std::size_t i = 0; i < std::size(kSwitches); i++) {
    const Switch& s = kSwitches[i];
    install(PROP_SHOW + i, g_param_spec_boolean(s.name, s.nick, s.blurb, (choice.show() & s.show) != 0, fkp::kControllable));
  }
  gst_type_mark_as_plugin_api(gst_fkp_overlay_style_get_type(), static_cast<GstPluginAPIFlags>(0));

  gst_element_class_set_static_metadata(element, "Facial keypoint overlay", "Filter/Effect/Video",
                                        "Draws the faces and keypoints that fkpdetect found", "fkp");
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  base->set_caps = GST_DEBUG_FUNCPTR(gst_fkp_overlay_set_caps);
  base->propose_allocation = GST_DEBUG_FUNCPTR(fkp::propose_as_downstream);
  base->prepare_output_buffer = GST_DEBUG_FUNCPTR(gst_fkp_overlay_prepare_output_buffer);
  base->transform_ip = GST_DEBUG_FUNCPTR(gst_fkp_overlay_transform_ip);
}
