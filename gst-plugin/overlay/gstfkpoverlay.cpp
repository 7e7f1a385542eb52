// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-fkpoverlay
 * @title: fkpoverlay
 * @short_description: draws the faces that fkpdetect found
 *
 * Draws the faces of #GstFkpMeta into the picture, in the frame's own format, without converting it: their points, the
 * outlines of the keypoint scheme, their boxes, ids and scores, and the points' numbers. A frame with nothing to draw is
 * neither copied nor mapped for writing; a frame whose buffer is shared, behind a tee for instance, is copied before it is
 * drawn on.
 *
 * #GstFkpOverlay:style selects what is drawn; a show-* property that has been set overrides it, whichever was set first. All
 * properties may be changed while the pipeline plays.
 *
 * Sizes are in pixels (in pixel heights if pixels are not square, so that dots are round on the display); 0 derives them from
 * each face's size.
 *
 * Held faces (#GstFkpFace.held), carried over from an earlier frame, are drawn at 40 % of the colour's opacity.
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
 * Writes a video with yellow dots, a box and a number for each face.
 *
 * |[
 * gst-launch-1.0 filesrc location=in.mp4 ! decodebin ! fkpdetect ! fkpoverlay style=debug ! videoconvert ! autovideosink
 * ]|
 * Shows everything known about each face: which point is which, how sure the model is, and whether the face is held.
 */

#include "gstfkpoverlay.h"

#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include <optional>

#include "canvas.h"
#include "draw.h"
#include "frames.h"
#include "guarded.h"
#include "settings.h"
#include "timing.h"

GST_DEBUG_CATEGORY_STATIC(gst_fkp_overlay_debug);
#define GST_CAT_DEFAULT gst_fkp_overlay_debug

namespace {

struct State {
  fkp::OverlaySettings settings;  // under the object lock
  fkp::Style drawing;             // for the current frame; this and what follows is for the streaming thread
  GstVideoInfo info{};
  std::optional<fkp::Coverage> coverage;  // set once there are caps
  fkp::UnmappedFrames unmapped;
};

}  // namespace

struct _GstFkpOverlay {
  GstBaseTransform parent;
  State* state;  // everything that has a destructor: created in init, deleted in finalize
};

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_CANVAS_FORMATS)));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_CANVAS_FORMATS)));

G_DEFINE_FINAL_TYPE_WITH_CODE(GstFkpOverlay, gst_fkp_overlay, GST_TYPE_BASE_TRANSFORM,
                              GST_DEBUG_CATEGORY_INIT(gst_fkp_overlay_debug, "fkpoverlay", 0, "facial keypoint overlay"))
GST_ELEMENT_REGISTER_DEFINE(fkpoverlay, "fkpoverlay", GST_RANK_NONE, GST_TYPE_FKP_OVERLAY)

static gboolean gst_fkp_overlay_set_caps(GstBaseTransform* base, GstCaps* in, GstCaps*) {
  auto* self = GST_FKP_OVERLAY(base);
  State& state = *self->state;
  if (!gst_video_info_from_caps(&state.info, in)) {
    GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("The caps are not raw video."), ("%" GST_PTR_FORMAT, in));
    return FALSE;
  }
  const float aspect = static_cast<float>(GST_VIDEO_INFO_PAR_N(&state.info)) / static_cast<float>(GST_VIDEO_INFO_PAR_D(&state.info));
  return fkp::guarded(GST_ELEMENT(self), [&] { state.coverage.emplace(state.info.width, state.info.height, aspect); });
}

// The base class would make every buffer writable; only one that is drawn on has to be. A copy shares its memory until it is
// mapped for writing.
static GstFlowReturn gst_fkp_overlay_prepare_output_buffer(GstBaseTransform* base, GstBuffer* in, GstBuffer** out) {
  auto* self = GST_FKP_OVERLAY(base);
  fkp::sync_controlled_properties(base, in);
  GST_OBJECT_LOCK(self);
  self->state->drawing = self->state->settings.drawing();
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

static unsigned shown(GstFkpOverlay* self) {
  GST_OBJECT_LOCK(self);
  const unsigned show = self->state->settings.show();
  GST_OBJECT_UNLOCK(self);
  return show;
}

static void gst_fkp_overlay_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_OVERLAY(object);
  const unsigned before = shown(self);
  fkp::overlay_properties().set(object, self->state->settings, id, value, spec, false);
  const unsigned changed = before ^ shown(self);  // a style changes those switches that have not been set
  for (const fkp::Switch& s : fkp::kSwitches)
    if (changed & s.show) g_object_notify(object, s.name);
}

static void gst_fkp_overlay_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  fkp::overlay_properties().get(object, GST_FKP_OVERLAY(object)->state->settings, id, value, spec);
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

  fkp::overlay_properties().install(object);

  gst_element_class_set_static_metadata(element, "Facial keypoint overlay", "Filter/Effect/Video",
                                        "Draws the faces and keypoints that fkpdetect found", "fkp");
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  base->set_caps = GST_DEBUG_FUNCPTR(gst_fkp_overlay_set_caps);
  base->propose_allocation = GST_DEBUG_FUNCPTR(fkp::propose_as_downstream);
  base->prepare_output_buffer = GST_DEBUG_FUNCPTR(gst_fkp_overlay_prepare_output_buffer);
  base->transform_ip = GST_DEBUG_FUNCPTR(gst_fkp_overlay_transform_ip);
}
