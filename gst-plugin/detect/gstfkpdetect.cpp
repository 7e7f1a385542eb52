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
 * A face is found by a detector once and then followed by its own keypoints; the detector runs again where no face is seen
 * (#GstFkpDetect:empty-interval), and every #GstFkpDetect:detect-interval frames to find newcomers. A face that cannot be seen
 * any more is given up at once, or held where it was for #GstFkpDetect:max-lost-frames; held faces are marked as such.
 *
 * On a live source, frames that come too late to be looked at are passed on with the last faces, held: a slow machine makes
 * fewer looks, not a growing delay. Offline, every frame is looked at. See #GstFkpDetect:mode. Live, place a queue behind
 * fkpdetect: a sink that waits for a frame's time would otherwise keep the next frame from being looked at meanwhile.
 *
 * For elements that do not know #GstFkpMeta each face is also a #GstVideoRegionOfInterestMeta of type `face`, and from
 * GStreamer 1.24 on an object detection with a tracking.
 *
 * Interlaced frames are taken as they are woven. #GstFkpDetect:stats tells what was done, and where the time went.
 *
 * ## Messages
 * With #GstFkpDetect:post-messages, element messages named `fkp-face-appeared` and `fkp-face-lost`, with these fields:
 * * #guint `id`: the face's number
 * * #gfloat `x`, `y`, `width`, `height`: its box, pixels of the frame; of a lost one, where it was
 * * #GstClockTime `timestamp`, `running-time`: of the frame
 *
 * ## Example pipelines
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! fkpdetect ! queue ! fkpoverlay ! videoconvert ! autovideosink
 * ]| Shows a webcam's picture with the points of all faces.
 * |[
 * gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! fkpdetect ! fkppublish method=file location=clip.jsonl ! fakesink
 * ]| Writes one line of JSON for every frame of a film.
 * |[
 * gst-launch-1.0 rtspsrc location=rtsp://one ! decodebin ! fkpdetect model-instance-id=all ! fakesink \
 *                rtspsrc location=rtsp://two ! decodebin ! fkpdetect model-instance-id=all ! fakesink
 * ]| Two cameras share one network.
 */

#include "gstfkpdetect.h"

#include <gst/video/video.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "attach.h"
#include "fkp/analyser.h"
#include "fkp/core/pace.h"
#include "fkp/shared_net.h"
#include "frames.h"
#include "guarded.h"
#include "mapped_luma.h"
#include "regions.h"
#include "report.h"
#include "settings.h"

GST_DEBUG_CATEGORY_STATIC(gst_fkp_detect_debug);
#define GST_CAT_DEFAULT gst_fkp_detect_debug

namespace {

/// What lives from start to stop.
struct Session {
  std::shared_ptr<fkp::KeypointNet> net;
  std::unique_ptr<fkp::Analyser> analyser;
  fkp::UpstreamRegions* regions = nullptr;  // the analyser's detector, where it is one
  std::unique_ptr<GstFkpScheme, decltype(&gst_fkp_scheme_unref)> scheme{nullptr, gst_fkp_scheme_unref};
  GstVideoInfo info{};
  cv::Mat scratch;
  fkp::Pace pace;
  fkp::FaceMessages messages;
  fkp::UnmappedFrames unmapped;
  bool live_known = false;
  guint64 frame = 0;
};

/// What lives as long as the element.
struct Shared {
  fkp::Settings settings;                                                             // under the object lock
  std::shared_ptr<fkp::Statistics> statistics = std::make_shared<fkp::Statistics>();  // under the object lock
  std::atomic<bool> started{false};                                                   // from the beginning of start() on
  std::atomic<bool> upstream_live{false};                                             // as its last answer to a latency query says
  std::atomic<gint64> latency{0};                                                     // nanoseconds
};

}  // namespace

struct _GstFkpDetect {
  GstBaseTransform parent;
  Shared* shared;
  Session* session;  // null unless started; for the streaming thread
};

G_DEFINE_TYPE_WITH_CODE(GstFkpDetect, gst_fkp_detect, GST_TYPE_BASE_TRANSFORM,
                        GST_DEBUG_CATEGORY_INIT(gst_fkp_detect_debug, "fkpdetect", 0, "facial keypoint detection"))
GST_ELEMENT_REGISTER_DEFINE(fkpdetect, "fkpdetect", GST_RANK_NONE, GST_TYPE_FKP_DETECT)

static guint prop_stats;  // behind those of Settings

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_DETECT_FORMATS)));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(FKP_DETECT_FORMATS)));

static void gst_fkp_detect_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_DETECT(object);
  if ((spec->flags & GST_PARAM_MUTABLE_READY) && (GST_STATE(self) > GST_STATE_READY || self->shared->started)) {
    g_warning("%s: '%s' can be set in the states NULL and READY only; it stays as it is", GST_OBJECT_NAME(self), spec->name);
    return;
  }
  GST_OBJECT_LOCK(self);
  const bool known = fkp::set_setting(self->shared->settings, id, value);
  GST_OBJECT_UNLOCK(self);
  if (!known) G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_fkp_detect_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_DETECT(object);
  GST_OBJECT_LOCK(self);
  const auto statistics = self->shared->statistics;
  const bool known = fkp::get_setting(self->shared->settings, id, value);
  GST_OBJECT_UNLOCK(self);
  if (id == prop_stats)
    g_value_take_boxed(value, fkp::stats_structure(*statistics));
  else if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

template <typename T>
static T current(GstFkpDetect* self, T fkp::Settings::*part) {
  GST_OBJECT_LOCK(self);
  T copy = self->shared->settings.*part;
  GST_OBJECT_UNLOCK(self);
  return copy;
}

static std::unique_ptr<fkp::Detector> make_detector(const fkp::Settings& settings, fkp::UpstreamRegions** regions) {
  switch (settings.detector) {
    case fkp::DetectorKind::roi: {
      auto upstream = std::make_unique<fkp::UpstreamRegions>(settings.roi_type);
      *regions = upstream.get();
      return upstream;
    }
    case fkp::DetectorKind::none:
      return fkp::make_whole_picture_detector();
    case fkp::DetectorKind::haar:
      return fkp::make_haar_detector();
    case fkp::DetectorKind::net:
      break;
  }
  return fkp::make_net_detector(
      {settings.detector_model, settings.net.device, settings.net.threads, settings.detect_size, settings.net.precision});
}

static gboolean gst_fkp_detect_start(GstBaseTransform* base) {
  auto* self = GST_FKP_DETECT(base);
  self->shared->started = true;
  self->shared->started = fkp::guarded(GST_ELEMENT(self), [&] {
    GST_OBJECT_LOCK(self);
    const fkp::Settings settings = self->shared->settings;
    GST_OBJECT_UNLOCK(self);
    const fkp::KeypointNetOptions& options = settings.net;
    auto session = std::make_unique<Session>();
    const std::unique_ptr<char, decltype(&g_free)> path(gst_object_get_path_string(GST_OBJECT(self)), g_free);
    session->net = fkp::shared_net(settings.model_instance_id, options, path.get());
    session->analyser = std::make_unique<fkp::Analyser>(session->net, make_detector(settings, &session->regions));
    session->scheme.reset(gst_fkp_scheme_new_from_json(to_json(session->net->description().scheme).c_str(), nullptr));
    const char* device = session->net->device().c_str();
    GST_INFO_OBJECT(self, "model %s on %s (device=%s) in %s (precision=%s)", options.model.c_str(), device, options.device.c_str(),
                    session->net->precision().c_str(), options.precision.c_str());
    if (options.device == "auto" && session->net->device() == "cpu")  // nobody should have to guess
      fkp::post(GST_ELEMENT(self), GST_MESSAGE_INFO, fkp::ErrorKind::no_device, "There is no CUDA device: the network runs on the CPU.");
    GST_OBJECT_LOCK(self);
    self->shared->statistics = session->analyser->statistics();
    GST_OBJECT_UNLOCK(self);
    self->shared->latency = 0;
    self->session = session.release();
  });
  return self->shared->started;
}

/// The stream has ended: nobody is seen any more.
static void tell_end(GstFkpDetect* self) {
  self->session->messages.update(GST_ELEMENT(self), {}, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
                                 current(self, &fkp::Settings::post_messages));
}

static gboolean gst_fkp_detect_stop(GstBaseTransform* base) {
  auto* self = GST_FKP_DETECT(base);
  tell_end(self);
  delete self->session;
  self->session = nullptr;
  self->shared->started = false;
  return TRUE;
}

static gboolean gst_fkp_detect_set_caps(GstBaseTransform* base, GstCaps* incaps, GstCaps*) {
  auto* self = GST_FKP_DETECT(base);
  const GstVideoInfo before = self->session->info;
  GstVideoInfo& info = self->session->info;
  if (!gst_video_info_from_caps(&info, incaps)) {
    GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("The caps are no raw video."), ("%" GST_PTR_FORMAT, incaps));
    return FALSE;
  }
  const bool same_picture =
      GST_VIDEO_INFO_WIDTH(&before) == GST_VIDEO_INFO_WIDTH(&info) && GST_VIDEO_INFO_HEIGHT(&before) == GST_VIDEO_INFO_HEIGHT(&info) &&
      GST_VIDEO_INFO_PAR_N(&before) == GST_VIDEO_INFO_PAR_N(&info) && GST_VIDEO_INFO_PAR_D(&before) == GST_VIDEO_INFO_PAR_D(&info);
  if (!same_picture) self->session->analyser->reset();
  return TRUE;
}

static gboolean gst_fkp_detect_sink_event(GstBaseTransform* base, GstEvent* event) {
  auto* self = GST_FKP_DETECT(base);
  if (Session* session = self->session) {
    switch (GST_EVENT_TYPE(event)) {
      case GST_EVENT_FLUSH_STOP:
      case GST_EVENT_STREAM_START:  // what follows is another scene …
        session->analyser->reset();
        session->pace.restart();
        session->live_known = false;
        break;
      case GST_EVENT_SEGMENT:  // … here it may go on with the same one, at another time
        session->analyser->restart_time();
        session->pace.restart();
        break;
      case GST_EVENT_EOS:
        tell_end(self);
        break;
      default:
        break;
    }
  }
  return GST_BASE_TRANSFORM_CLASS(gst_fkp_detect_parent_class)->sink_event(base, event);
}

/// Remembers whether the answer to a latency query says that the source is live.
static bool note_live(GstFkpDetect* self, GstQuery* answered) {
  gboolean live = FALSE;
  gst_query_parse_latency(answered, &live, nullptr, nullptr);
  return self->shared->upstream_live = live;
}

static gboolean gst_fkp_detect_query(GstBaseTransform* base, GstPadDirection direction, GstQuery* query) {
  auto* self = GST_FKP_DETECT(base);
  const bool latency = GST_QUERY_TYPE(query) == GST_QUERY_LATENCY && direction == GST_PAD_SRC;
  if (!GST_BASE_TRANSFORM_CLASS(gst_fkp_detect_parent_class)->query(base, direction, query)) return FALSE;
  if (latency && note_live(self, query)) {
    GstClockTime least = 0, most = GST_CLOCK_TIME_NONE;
    gst_query_parse_latency(query, nullptr, &least, &most);
    const auto own = static_cast<GstClockTime>(self->shared->latency);
    // What waits for a look waits in whatever pushes into this element, which can hold as much longer.
    gst_query_set_latency(query, TRUE, least + own, GST_CLOCK_TIME_IS_VALID(most) ? most + own : most);
  }
  return TRUE;
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

/// Whether the stream is to be treated as live.
static bool learn_live(GstFkpDetect* self) {
  if (!self->session->live_known) {
    GstQuery* query = gst_query_new_latency();
    self->shared->upstream_live = false;
    if (gst_pad_peer_query(GST_BASE_TRANSFORM_SINK_PAD(self), query)) note_live(self, query);
    gst_query_unref(query);
    self->session->live_known = true;
  }
  return self->shared->upstream_live || current(self, &fkp::Settings::mode) == fkp::Mode::live;
}

/// The running time by the pipeline's clock; none while there is no clock, as before PLAYING.
static GstClockTime running_time_now(GstFkpDetect* self) {
  GstClock* clock = gst_element_get_clock(GST_ELEMENT(self));
  if (!clock) return GST_CLOCK_TIME_NONE;
  const GstClockTime now = gst_clock_get_time(clock), base = gst_element_get_base_time(GST_ELEMENT(self));
  gst_object_unref(clock);
  return now > base ? now - base : 0;
}

static std::vector<fkp::Face> look(GstFkpDetect* self, GstBuffer* buffer, GstClockTime running_time) {
  Session& session = *self->session;
  std::optional<double> time;
  if (GST_CLOCK_TIME_IS_VALID(running_time)) time = static_cast<double>(running_time) / GST_SECOND;
  std::optional<fkp::Timer> mapping(std::in_place, *session.analyser->statistics(), fkp::Stage::map);
  const fkp::MappedLuma mapped(buffer, session.info, session.scratch);
  mapping.reset();
  fkp::AnalyserOptions options = current(self, &fkp::Settings::analysis);
  if (current(self, &fkp::Settings::detector) == fkp::DetectorKind::none) options.max_faces = 1;
  if (session.regions) {
    session.regions->read(buffer);
    options.detect_interval = options.empty_interval = 1;  // it costs nothing
  }
  return session.analyser->analyse(mapped.luma(), time, options);
}

/// The last faces, for a frame that is not looked at.
static std::vector<fkp::Face> carry(GstFkpDetect* self) {
  self->session->analyser->statistics()->count(fkp::Count::skipped);
  return self->session->analyser->carry(current(self, &fkp::Settings::analysis).track);
}

/// The faces of a frame: by a look, or where a live stream leaves no time for one, those of the last frame.
static std::vector<fkp::Face> faces_of(GstFkpDetect* self, GstBuffer* buffer, GstClockTime running_time) {
  Session& session = *self->session;
  const GstClockTime came = learn_live(self) ? running_time_now(self) : GST_CLOCK_TIME_NONE;
  if (!GST_CLOCK_TIME_IS_VALID(came) || !GST_CLOCK_TIME_IS_VALID(running_time)) return look(self, buffer, running_time);

  const auto time = static_cast<gint64>(running_time), age = static_cast<gint64>(came) - time;
  const bool may_skip = current(self, &fkp::Settings::mode) != fkp::Mode::offline;
  if (!session.pace.due(time, age) && may_skip) {
    GST_DEBUG_OBJECT(self, "frame %" G_GUINT64_FORMAT " came %" G_GINT64_FORMAT " ms old: passed on", session.frame, age / GST_MSECOND);
    return carry(self);
  }
  auto faces = look(self, buffer, running_time);
  if (session.pace.took(time, static_cast<gint64>(running_time_now(self) - came))) {
    self->shared->latency = session.pace.latency();
    GST_INFO_OBJECT(self, "latency is %" G_GINT64_FORMAT " ms now", session.pace.latency() / GST_MSECOND);
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
  }
  return faces;
}

/// The same, but those of the last frame also where the frame cannot be read.
static std::vector<fkp::Face> faces_if_mapped(GstFkpDetect* self, GstBuffer* buffer, GstClockTime running_time) {
  try {
    auto faces = faces_of(self, buffer, running_time);
    self->session->unmapped.ended();
    return faces;
  } catch (const fkp::UnmappedFrame& frame) {
    self->session->unmapped.came(GST_ELEMENT(self), frame);
    return carry(self);
  }
}

static void gst_fkp_detect_before_transform(GstBaseTransform* base, GstBuffer* buffer) {
  if (base->segment.format != GST_FORMAT_TIME) return;
  const GstClockTime time = gst_segment_to_stream_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (GST_CLOCK_TIME_IS_VALID(time)) gst_object_sync_values(GST_OBJECT(base), time);
}

static GstFlowReturn gst_fkp_detect_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
  auto* self = GST_FKP_DETECT(base);
  const bool ok = fkp::guarded(GST_ELEMENT(self), [&] {
    Session& session = *self->session;
    fkp::Statistics& statistics = *session.analyser->statistics();
    const fkp::Timer whole(statistics, fkp::Stage::frame);
    const GstClockTime running_time = base->segment.format == GST_FORMAT_TIME
                                          ? gst_segment_to_running_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer))
                                          : GST_CLOCK_TIME_NONE;
    const guint64 looks = statistics[fkp::Count::inferences], searches = statistics[fkp::Count::detections];  // for the log
    const gint64 start = g_get_monotonic_time();
    const std::vector<fkp::Face> faces = faces_if_mapped(self, buffer, running_time);
    {
      const fkp::Timer attaching(statistics, fkp::Stage::attach);
      fkp::attach(buffer, session.scheme.get(), GST_VIDEO_INFO_WIDTH(&session.info), GST_VIDEO_INFO_HEIGHT(&session.info), faces);
    }
    session.messages.update(GST_ELEMENT(self), faces, GST_BUFFER_PTS(buffer), running_time, current(self, &fkp::Settings::post_messages));
    statistics.count(fkp::Count::frames);
    const auto held = std::count_if(faces.begin(), faces.end(), [](const fkp::Face& f) { return f.held; });
    GST_LOG_OBJECT(self,
                   "frame %" G_GUINT64_FORMAT " at %" GST_TIME_FORMAT ": %zu faces, %d held; %" G_GUINT64_FORMAT
                   " looks, %" G_GUINT64_FORMAT " searches, %.2f ms",
                   session.frame, GST_TIME_ARGS(GST_BUFFER_PTS(buffer)), faces.size(), static_cast<int>(held),
                   statistics[fkp::Count::inferences] - looks, statistics[fkp::Count::detections] - searches,
                   static_cast<double>(g_get_monotonic_time() - start) / 1000);
    session.frame++;
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
  prop_stats = fkp::install_settings(object);
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
  base->start = gst_fkp_detect_start;
  base->stop = gst_fkp_detect_stop;
  base->set_caps = gst_fkp_detect_set_caps;
  base->sink_event = gst_fkp_detect_sink_event;
  base->query = gst_fkp_detect_query;
  base->propose_allocation = fkp::propose_as_downstream;
  base->decide_allocation = gst_fkp_detect_decide_allocation;
  base->prepare_output_buffer = gst_fkp_detect_prepare_output_buffer;
  base->before_transform = gst_fkp_detect_before_transform;
  base->transform_ip = gst_fkp_detect_transform_ip;
}
