// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-fkpdetect
 * @title: fkpdetect
 * @short_description: finds faces and their keypoints in raw video
 *
 * fkpdetect looks at the luma of every frame and attaches a #GstFkpMeta with the faces that it sees: an id that lasts while
 * a face is followed, its box, a score, and its keypoints with a confidence each. The pixels are neither changed nor copied.
 * A frame without a face gets a meta without faces.
 *
 * A face is found by a detector once and then followed by its own keypoints; the detector runs again where no face is
 * followed, and every #GstFkpDetect:detect-interval frames to find newcomers.
 *
 * ## Example pipelines
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! fkpdetect ! fkpoverlay ! videoconvert ! autovideosink
 * ]| Shows a webcam's picture with the points of all faces.
 * |[
 * gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! fkpdetect ! fkppublish method=file location=clip.jsonl ! fakesink
 * ]| Writes one line of JSON for every frame of a film.
 */

#include "gstfkpdetect.h"

#include <gst/video/video.h>

#include <memory>
#include <string>

#include "attach.h"
#include "fkp/analyser.h"
#include "guarded.h"
#include "mapped_luma.h"

GST_DEBUG_CATEGORY_STATIC(gst_fkp_detect_debug);
#define GST_CAT_DEFAULT gst_fkp_detect_debug

namespace {

struct Settings {
  fkp::KeypointNetOptions net;
  fkp::AnalyserOptions analysis;
};

/// What lives from start to stop.
struct Session {
  std::shared_ptr<fkp::KeypointNet> net;
  std::unique_ptr<fkp::Analyser> analyser;
  std::unique_ptr<GstFkpScheme, decltype(&gst_fkp_scheme_unref)> scheme{nullptr, gst_fkp_scheme_unref};
  GstVideoInfo info{};
  cv::Mat scratch;
};

}  // namespace

struct _GstFkpDetect {
  GstBaseTransform parent;
  Settings* settings;  // under the object lock
  Session* session;    // null unless started; for the streaming thread
};

G_DEFINE_TYPE_WITH_CODE(GstFkpDetect, gst_fkp_detect, GST_TYPE_BASE_TRANSFORM,
                        GST_DEBUG_CATEGORY_INIT(gst_fkp_detect_debug, "fkpdetect", 0, "facial keypoint detection"))
GST_ELEMENT_REGISTER_DEFINE(fkpdetect, "fkpdetect", GST_RANK_NONE, GST_TYPE_FKP_DETECT)

enum { PROP_0, PROP_MODEL, PROP_DEVICE, PROP_THREADS, PROP_DETECT_INTERVAL, PROP_MAX_FACES, PROP_DETECTION_THRESHOLD, PROP_FACE_THRESHOLD };

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_DETECT_FORMATS)));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_DETECT_FORMATS)));

static void gst_fkp_detect_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_DETECT(object);
  if ((spec->flags & GST_PARAM_MUTABLE_READY) && GST_STATE(self) > GST_STATE_READY) {
    g_warning("%s: '%s' can be set in the states NULL and READY only; it stays as it is", GST_OBJECT_NAME(self), spec->name);
    return;
  }
  GST_OBJECT_LOCK(self);
  auto& [net, analysis] = *self->settings;
  const auto text = [&] { return std::string(g_value_get_string(value) ? g_value_get_string(value) : ""); };
  switch (id) {
    case PROP_MODEL:
      net.model = text();
      break;
    case PROP_DEVICE:
      net.device = text();
      break;
    case PROP_THREADS:
      net.threads = g_value_get_int(value);
      break;
    case PROP_DETECT_INTERVAL:
      analysis.detect_interval = g_value_get_int(value);
      break;
    case PROP_MAX_FACES:
      analysis.max_faces = g_value_get_int(value);
      break;
    case PROP_DETECTION_THRESHOLD:
      analysis.detection_threshold = g_value_get_float(value);
      break;
    case PROP_FACE_THRESHOLD:
      analysis.face_threshold = g_value_get_float(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(self);
}

static void gst_fkp_detect_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_DETECT(object);
  GST_OBJECT_LOCK(self);
  const auto& [net, analysis] = *self->settings;
  switch (id) {
    case PROP_MODEL:
      g_value_set_string(value, net.model.c_str());
      break;
    case PROP_DEVICE:
      g_value_set_string(value, net.device.c_str());
      break;
    case PROP_THREADS:
      g_value_set_int(value, net.threads);
      break;
    case PROP_DETECT_INTERVAL:
      g_value_set_int(value, analysis.detect_interval);
      break;
    case PROP_MAX_FACES:
      g_value_set_int(value, analysis.max_faces);
      break;
    case PROP_DETECTION_THRESHOLD:
      g_value_set_float(value, analysis.detection_threshold);
      break;
    case PROP_FACE_THRESHOLD:
      g_value_set_float(value, analysis.face_threshold);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(self);
}

template <typename T>
static T current(GstFkpDetect* self, T Settings::*part) {
  GST_OBJECT_LOCK(self);
  T copy = self->settings->*part;
  GST_OBJECT_UNLOCK(self);
  return copy;
}

static gboolean gst_fkp_detect_start(GstBaseTransform* base) {
  auto* self = GST_FKP_DETECT(base);
  return fkp::guarded(GST_ELEMENT(self), [&] {
    const fkp::KeypointNetOptions options = current(self, &Settings::net);
    auto session = std::make_unique<Session>();
    session->net = std::make_shared<fkp::KeypointNet>(options);
    session->analyser = std::make_unique<fkp::Analyser>(session->net, fkp::make_haar_detector());
    session->scheme.reset(gst_fkp_scheme_new_from_json(to_json(session->net->description().scheme).c_str(), nullptr));
    const char* device = session->net->device().c_str();
    GST_INFO_OBJECT(self, "model %s on %s (device=%s)", options.model.c_str(), device, options.device.c_str());
    if (options.device == "auto" && session->net->device() == "cpu")  // nobody should have to guess
      GST_ELEMENT_INFO(self, RESOURCE, SETTINGS, ("There is no CUDA device: the network runs on the CPU."), (nullptr));
    self->session = session.release();
  });
}

static gboolean gst_fkp_detect_stop(GstBaseTransform* base) {
  auto* self = GST_FKP_DETECT(base);
  delete self->session;
  self->session = nullptr;
  return TRUE;
}

static gboolean gst_fkp_detect_set_caps(GstBaseTransform* base, GstCaps* incaps, GstCaps*) {
  auto* self = GST_FKP_DETECT(base);
  if (!gst_video_info_from_caps(&self->session->info, incaps)) {
    GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("The caps are no raw video."), ("%" GST_PTR_FORMAT, incaps));
    return FALSE;
  }
  self->session->analyser->reset();
  return TRUE;
}

static gboolean gst_fkp_detect_sink_event(GstBaseTransform* base, GstEvent* event) {
  auto* self = GST_FKP_DETECT(base);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_FLUSH_STOP:
    case GST_EVENT_STREAM_START:  // what follows is another scene; a new segment alone may go on with the same
      if (self->session) self->session->analyser->reset();
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS(gst_fkp_detect_parent_class)->sink_event(base, event);
}

static gboolean gst_fkp_detect_propose_allocation(GstBaseTransform* base, GstQuery*, GstQuery* query) {
  // Frames pass through: whoever is downstream says how they should be allocated, and whether their planes may lie anywhere.
  return gst_pad_peer_query(GST_BASE_TRANSFORM_SRC_PAD(base), query);
}

static gboolean gst_fkp_detect_decide_allocation(GstBaseTransform*, GstQuery* query) {
  // No frame is ever made here: a pool would only hold downstream's memory.
  while (gst_query_get_n_allocation_pools(query) > 0) gst_query_remove_nth_allocation_pool(query, 0);
  return TRUE;
}

static GstFlowReturn gst_fkp_detect_prepare_output_buffer(GstBaseTransform*, GstBuffer* input, GstBuffer** output) {
  // A copy of the buffer shares its memory, so that adding metadata behind a tee copies no pixels.
  *output = gst_buffer_is_writable(input) ? input : gst_buffer_copy(input);
  return GST_FLOW_OK;
}

static GstFlowReturn gst_fkp_detect_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
  auto* self = GST_FKP_DETECT(base);
  const bool ok = fkp::guarded(GST_ELEMENT(self), [&] {
    Session& session = *self->session;
    std::vector<fkp::Face> faces;
    {
      const fkp::MappedLuma mapped(buffer, session.info, session.scratch);
      faces = session.analyser->analyse(mapped.luma(), current(self, &Settings::analysis));
    }
    fkp::attach(buffer, session.scheme.get(), GST_VIDEO_INFO_WIDTH(&session.info), GST_VIDEO_INFO_HEIGHT(&session.info), faces);
    GST_LOG_OBJECT(self, "%" GST_TIME_FORMAT ": %zu faces", GST_TIME_ARGS(GST_BUFFER_PTS(buffer)), faces.size());
  });
  return ok ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static void gst_fkp_detect_finalize(GObject* object) {
  auto* self = GST_FKP_DETECT(object);
  delete self->session;
  delete self->settings;
  G_OBJECT_CLASS(gst_fkp_detect_parent_class)->finalize(object);
}

static void gst_fkp_detect_init(GstFkpDetect* self) {
  self->settings = new Settings;
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}

static void install_properties(GObjectClass* klass) {
  const Settings defaults;
  const auto fixed = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
  const auto live = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  g_object_class_install_property(
      klass, PROP_MODEL,
      g_param_spec_string("model", "Model", "Keypoint network: a path, or a name that is sought in FKP_MODEL_PATH and the installed models",
                          defaults.net.model.c_str(), fixed));
  g_object_class_install_property(
      klass, PROP_DEVICE,
      g_param_spec_string("device", "Device", "Where the network runs: auto (CUDA where there is one, else the CPU), cpu, cuda or cuda:N",
                          defaults.net.device.c_str(), fixed));
  g_object_class_install_property(
      klass, PROP_THREADS,
      g_param_spec_int("threads", "Threads", "Processor threads of the network; more than one is faster on an idle machine only", 1, 64,
                       defaults.net.threads, fixed));
  g_object_class_install_property(
      klass, PROP_DETECT_INTERVAL,
      g_param_spec_int("detect-interval", "Detection interval",
                       "Frames between two searches for new faces while one is followed (0: search only while none is)", 0, G_MAXINT,
                       defaults.analysis.detect_interval, live));
  g_object_class_install_property(
      klass, PROP_MAX_FACES,
      g_param_spec_int("max-faces", "Most faces", "Faces that are followed at once, at most", 1, 1000, defaults.analysis.max_faces, live));
  g_object_class_install_property(
      klass, PROP_DETECTION_THRESHOLD,
      g_param_spec_float("detection-threshold", "Detection threshold", "Least score of the face detector for a new face, 0 to 1", 0, 1,
                         defaults.analysis.detection_threshold, live));
  g_object_class_install_property(
      klass, PROP_FACE_THRESHOLD,
      g_param_spec_float("face-threshold", "Face threshold", "Least face score of the keypoint network for a face to be followed, 0 to 1",
                         0, 1, defaults.analysis.face_threshold, live));
}

static void gst_fkp_detect_class_init(GstFkpDetectClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = gst_fkp_detect_set_property;
  object->get_property = gst_fkp_detect_get_property;
  object->finalize = gst_fkp_detect_finalize;
  install_properties(object);

  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_set_static_metadata(element, "Facial keypoint detector", "Analyzer/Video",
                                        "Finds faces and their keypoints and attaches them as GstFkpMeta", "fkp");

  auto* base = GST_BASE_TRANSFORM_CLASS(klass);
  base->start = gst_fkp_detect_start;
  base->stop = gst_fkp_detect_stop;
  base->set_caps = gst_fkp_detect_set_caps;
  base->sink_event = gst_fkp_detect_sink_event;
  base->propose_allocation = gst_fkp_detect_propose_allocation;
  base->decide_allocation = gst_fkp_detect_decide_allocation;
  base->prepare_output_buffer = gst_fkp_detect_prepare_output_buffer;
  base->transform_ip = gst_fkp_detect_transform_ip;
}
