// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-fkpdetect
 * @title: fkpdetect
 * @short_description: finds faces and their keypoints in raw video
 *
 * fkpdetect analyses the luma of every frame and attaches a #GstFkpMeta with the faces in it: for each an id that it keeps
 * while it is tracked, its box, a score, and its keypoints with a confidence each. The pixels are neither changed nor copied.
 * A frame without a face gets a meta without faces.
 *
 * The detector finds a face once; after that, the face's own keypoints say where to look in the next frame. The detector runs
 * again when no face is tracked (#GstFkpDetect:empty-interval), in some of the frames after one was lost, and every
 * #GstFkpDetect:detect-interval frames to find newcomers.
 * A face that is no longer seen is dropped at once, or held at its last place for #GstFkpDetect:max-lost-frames; held faces are
 * marked as such.
 *
 * On a live source, frames that there is no time to analyse are passed on with the last faces, marked as held: a slow machine
 * analyses fewer frames, and the delay does not grow. Offline, every frame is analysed. See #GstFkpDetect:mode. On a live
 * source, put a queue behind fkpdetect: otherwise a sink that waits for a frame's time keeps the next frame from being analysed
 * meanwhile.
 *
 * For elements that do not know #GstFkpMeta, each face is also attached as a #GstVideoRegionOfInterestMeta of type `face` and,
 * from GStreamer 1.24 on, as an object detection with a tracking entry.
 *
 * Interlaced frames are analysed with both fields woven together. #GstFkpDetect:stats counts what was done and shows where the
 * time went.
 *
 * ## Messages
 * With #GstFkpDetect:post-messages, element messages named `fkp-face-appeared` and `fkp-face-lost`, with these fields:
 * * #guint `id`: the face's id
 * * #gfloat `x`, `y`, `width`, `height`: its box, pixels of the frame; for a lost face, where it was last
 * * #GstClockTime `timestamp`, `running-time`: of the frame; %GST_CLOCK_TIME_NONE at the end of the stream
 *
 * ## Example pipelines
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! fkpdetect ! queue ! fkpoverlay ! videoconvert ! autovideosink
 * ]| Shows a webcam's picture with the points of all faces.
 * |[
 * gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! fkpdetect ! fkppublish method=file location=clip.jsonl ! fakesink
 * ]| Writes one line of JSON for every frame of a video.
 * |[
 * gst-launch-1.0 rtspsrc location=rtsp://one ! decodebin ! fkpdetect model-instance-id=all ! fakesink \
 *                rtspsrc location=rtsp://two ! decodebin ! fkpdetect model-instance-id=all ! fakesink
 * ]| Two cameras share one network.
 */

#include "gstfkpdetect.h"

#include <gst/video/video.h>

#include <atomic>
#include <memory>
#include <string>

#include "frames.h"
#include "guarded.h"
#include "mapped_luma.h"
#include "session.h"
#include "timing.h"

GST_DEBUG_CATEGORY(gst_fkp_detect_debug);
#define GST_CAT_DEFAULT gst_fkp_detect_debug

namespace {

/// State that lives as long as the element.
struct Shared {
  fkp::DetectSettings settings;                                                       // under the object lock
  std::shared_ptr<fkp::Statistics> statistics = std::make_shared<fkp::Statistics>();  // under the object lock
  std::atomic<bool> started{false};                                                   // from the beginning of start() on
  std::atomic<bool> upstream_live{false};                                             // by upstream's last answer to a latency query
  std::atomic<gint64> latency{0};                                                     // nanoseconds
};

}  // namespace

struct _GstFkpDetect {
  GstBaseTransform parent;
  Shared* shared;
  fkp::Session* session;  // null unless started; for the streaming thread
  bool live_known;        // also for that thread: whether upstream_live belongs to the current stream
};

G_DEFINE_FINAL_TYPE_WITH_CODE(GstFkpDetect, gst_fkp_detect, GST_TYPE_BASE_TRANSFORM,
                              GST_DEBUG_CATEGORY_INIT(gst_fkp_detect_debug, "fkpdetect", 0, "facial keypoint detection"))
GST_ELEMENT_REGISTER_DEFINE(fkpdetect, "fkpdetect", GST_RANK_NONE, GST_TYPE_FKP_DETECT)

static guint prop_stats;  // after those of DetectSettings

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_DETECT_FORMATS)));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_DETECT_FORMATS)));

static void gst_fkp_detect_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_DETECT(object);
  const bool started = GST_STATE(self) > GST_STATE_READY || self->shared->started;
  fkp::detect_properties().set(object, self->shared->settings, id, value, spec, started);
}

static void gst_fkp_detect_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_DETECT(object);
  if (id != prop_stats) return fkp::detect_properties().get(object, self->shared->settings, id, value, spec);
  GST_OBJECT_LOCK(self);
  const auto statistics = self->shared->statistics;
  GST_OBJECT_UNLOCK(self);
  g_value_take_boxed(value, fkp::stats_structure(*statistics));
}

static fkp::DetectSettings current_settings(GstFkpDetect* self) {
  GST_OBJECT_LOCK(self);
  fkp::DetectSettings copy = self->shared->settings;
  GST_OBJECT_UNLOCK(self);
  return copy;
}

static gboolean gst_fkp_detect_start(GstBaseTransform* base) {
  auto* self = GST_FKP_DETECT(base);
  self->shared->started = true;
  self->shared->started = fkp::guarded(GST_ELEMENT(self), [&] {
    const fkp::DetectSettings settings = current_settings(self);
    auto session = std::make_unique<fkp::Session>(GST_ELEMENT(self), settings);
    const fkp::KeypointNet& net = session->net();
    GST_INFO_OBJECT(self, "model %s on %s (device=%s) in %s (precision=%s)", settings.net.model.c_str(), net.device().c_str(),
                    settings.net.device.c_str(), net.precision().c_str(), settings.net.precision.c_str());
    if (settings.net.device == "auto" && net.device() == "cpu")  // nobody should have to guess
      fkp::post(GST_ELEMENT(self), GST_MESSAGE_INFO, fkp::ErrorKind::no_device, "There is no CUDA device: the network runs on the CPU.");
    GST_OBJECT_LOCK(self);
    self->shared->statistics = session->statistics();
    GST_OBJECT_UNLOCK(self);
    self->shared->latency = 0;
    self->live_known = false;
    self->session = session.release();
  });
  return self->shared->started;
}

static gboolean gst_fkp_detect_stop(GstBaseTransform* base) {
  auto* self = GST_FKP_DETECT(base);
  self->session->end(current_settings(self));
  delete self->session;
  self->session = nullptr;
  self->shared->started = false;
  return TRUE;
}

static gboolean gst_fkp_detect_set_caps(GstBaseTransform* base, GstCaps* incaps, GstCaps*) {
  auto* self = GST_FKP_DETECT(base);
  GstVideoInfo info;
  if (!gst_video_info_from_caps(&info, incaps)) {
    GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("The caps are not raw video."), ("%" GST_PTR_FORMAT, incaps));
    return FALSE;
  }
  self->session->set_format(info);
  return TRUE;
}

static gboolean gst_fkp_detect_sink_event(GstBaseTransform* base, GstEvent* event) {
  auto* self = GST_FKP_DETECT(base);
  if (fkp::Session* session = self->session) {
    switch (GST_EVENT_TYPE(event)) {
      case GST_EVENT_FLUSH_STOP:
      case GST_EVENT_STREAM_START:  // another scene follows
        session->restart();
        self->live_known = false;
        break;
      case GST_EVENT_SEGMENT:  // the same scene may follow, at another time
        session->restart_time();
        break;
      case GST_EVENT_EOS:
        session->end(current_settings(self));
        break;
      default:
        break;
    }
  }
  return GST_BASE_TRANSFORM_CLASS(gst_fkp_detect_parent_class)->sink_event(base, event);
}

static gboolean gst_fkp_detect_query(GstBaseTransform* base, GstPadDirection direction, GstQuery* query) {
  auto* self = GST_FKP_DETECT(base);
  const bool latency = GST_QUERY_TYPE(query) == GST_QUERY_LATENCY && direction == GST_PAD_SRC;
  if (!GST_BASE_TRANSFORM_CLASS(gst_fkp_detect_parent_class)->query(base, direction, query)) return FALSE;
  if (!latency) return TRUE;
  gboolean live = FALSE;
  GstClockTime least = 0, most = GST_CLOCK_TIME_NONE;
  gst_query_parse_latency(query, &live, &least, &most);
  self->shared->upstream_live = live;
  const auto own = static_cast<GstClockTime>(self->shared->latency);
  // A frame that waits for analysis waits in the element that pushes it, which can thus hold frames for that much longer.
  if (live) gst_query_set_latency(query, TRUE, least + own, GST_CLOCK_TIME_IS_VALID(most) ? most + own : most);
  return TRUE;
}

static gboolean gst_fkp_detect_decide_allocation(GstBaseTransform*, GstQuery* query) {
  // No buffer is ever allocated here: a pool would only tie up downstream's memory.
  while (gst_query_get_n_allocation_pools(query) > 0) gst_query_remove_nth_allocation_pool(query, 0);
  return TRUE;
}

static GstFlowReturn gst_fkp_detect_prepare_output_buffer(GstBaseTransform*, GstBuffer* input, GstBuffer** output) {
  // A copy of the buffer shares its memory, so that adding metadata behind a tee copies no pixels.
  *output = gst_buffer_is_writable(input) ? input : gst_buffer_copy(input);
  return GST_FLOW_OK;
}

/// Whether the stream is to be treated as live.
static bool learn_live(GstFkpDetect* self, fkp::Mode mode) {
  if (!self->live_known) self->shared->upstream_live = fkp::is_live(GST_BASE_TRANSFORM_SINK_PAD(self));
  self->live_known = true;
  return self->shared->upstream_live || mode == fkp::Mode::live;
}

static GstFlowReturn gst_fkp_detect_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
  auto* self = GST_FKP_DETECT(base);
  const bool ok = fkp::guarded(GST_ELEMENT(self), [&] {
    const fkp::DetectSettings settings = current_settings(self);
    if (!self->session->process(buffer, fkp::running_time(base, buffer), learn_live(self, settings.mode), settings)) return;
    self->shared->latency = self->session->latency();
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
  });
  return ok ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static void gst_fkp_detect_finalize(GObject* object) {
  auto* self = GST_FKP_DETECT(object);
  delete self->session;
  delete self->shared;
  G_OBJECT_CLASS(gst_fkp_detect_parent_class)->finalize(object);
}

static void gst_fkp_detect_init(GstFkpDetect* self) {
  self->shared = new Shared;
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_fkp_detect_class_init(GstFkpDetectClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = gst_fkp_detect_set_property;
  object->get_property = gst_fkp_detect_get_property;
  object->finalize = gst_fkp_detect_finalize;
  prop_stats = fkp::detect_properties().install(object);
  g_object_class_install_property(
      object, prop_stats,
      g_param_spec_boxed(
          "stats", "Statistics",
          "Since the start: frames, skipped, inferences, detections, faces, held, and for each stage of a frame (map, detect, "
          "crop, infer, smooth, attach, frame) the mean and the 99th percentile in milliseconds",
          GST_TYPE_STRUCTURE, static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_set_static_metadata(element, "Facial keypoint detector", "Analyzer/Video",
                                        "Finds faces and their keypoints and attaches them as GstFkpMeta", "fkp");

  auto* base = GST_BASE_TRANSFORM_CLASS(klass);
  base->start = GST_DEBUG_FUNCPTR(gst_fkp_detect_start);
  base->stop = GST_DEBUG_FUNCPTR(gst_fkp_detect_stop);
  base->set_caps = GST_DEBUG_FUNCPTR(gst_fkp_detect_set_caps);
  base->sink_event = GST_DEBUG_FUNCPTR(gst_fkp_detect_sink_event);
  base->query = GST_DEBUG_FUNCPTR(gst_fkp_detect_query);
  base->propose_allocation = GST_DEBUG_FUNCPTR(fkp::propose_as_downstream);
  base->decide_allocation = GST_DEBUG_FUNCPTR(gst_fkp_detect_decide_allocation);
  base->prepare_output_buffer = GST_DEBUG_FUNCPTR(gst_fkp_detect_prepare_output_buffer);
  base->before_transform = GST_DEBUG_FUNCPTR(fkp::sync_controlled_properties);
  base->transform_ip = GST_DEBUG_FUNCPTR(gst_fkp_detect_transform_ip);
}
