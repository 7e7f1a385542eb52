// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-fkppublish
 * @title: fkppublish
 * @short_description: publishes the faces that fkpdetect found as JSON
 *
 * Publishes one line of JSON for every frame, including frames without faces, to a file, standard output, an MQTT broker or Kafka,
 * and passes the frame on unchanged. The fields: docs/json.md.
 *
 * A broker never holds up the pipeline. Lines wait in a queue while it is slow or gone; when the queue is full, the oldest are
 * dropped. A warning message says that the broker is lost, another one how many lines were dropped, with a structure
 * `fkppublish-dropped` that has the count as `dropped` (guint64). The end of the stream, or a stop before it, waits until the queue
 * is empty, for at most #GstFkpPublish:drain-timeout.
 *
 * The property `stats` is a structure `fkppublish-stats`: the `frames` that passed and the `lines` published of them, all of which
 * are `delivered` (confirmed, or written), `dropped`, `refused` by the broker or `queued`; the `in-flight` ones among the queued,
 * `queued-bytes`; whether it is `connected`, and the `connections` so far.
 *
 * ## Example pipelines
 *
 * |[
 * gst-launch-1.0 filesrc location=in.mp4 ! decodebin ! fkpdetect ! fkppublish location=faces.jsonl ! fakesink
 * ]|
 * Writes the faces of a video to a file.
 *
 * |[
 * gst-launch-1.0 -q v4l2src ! videoconvert ! fkpdetect ! fkppublish method=stdout stream-id=door ! fakesink | jq '.faces | length'
 * ]|
 * Prints the number of faces in each frame of a camera.
 *
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! fkpdetect ! fkppublish uri=mqtt://localhost/faces/door stream-id=door ! fakesink
 * ]|
 * Publishes them to an MQTT broker, under the topic faces/door.
 */

#include "gstfkppublish.h"

#include <gst/fkp/gstfkpmeta.h>

#include <atomic>
#include <memory>
#include <utility>

#include "destination.h"
#include "frames.h"
#include "guarded.h"
#include "timing.h"
#include "wall_clock.h"

GST_DEBUG_CATEGORY_STATIC(gst_fkp_publish_debug);
#define GST_CAT_DEFAULT gst_fkp_publish_debug

namespace {

struct State {
  fkp::PublishSettings settings;    // under the object lock
  std::shared_ptr<fkp::Sink> sink;  // from start to stop; changed under the object lock
  fkp::SinkStats last_stats;        // of the previous sink; under the object lock
  std::atomic<guint64> frames{0};
  std::atomic<bool> started{false};  // from the beginning of start() on

  // for the streaming thread
  fkp::FrameRecord record;  // what all frames have in common
  fkp::FrameFilter filter;
  fkp::WallClock clock;
};

}  // namespace

struct _GstFkpPublish {
  GstBaseTransform parent;
  State* state;
};

#define CAPS "video/x-raw(ANY)"
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(CAPS));

G_DEFINE_FINAL_TYPE_WITH_CODE(GstFkpPublish, gst_fkp_publish, GST_TYPE_BASE_TRANSFORM,
                              GST_DEBUG_CATEGORY_INIT(gst_fkp_publish_debug, "fkppublish", 0, "facial keypoint publisher"))
GST_ELEMENT_REGISTER_DEFINE(fkppublish, "fkppublish", GST_RANK_NONE, GST_TYPE_FKP_PUBLISH)

static guint prop_stats;  // after those of PublishSettings

static void fill_faces(fkp::FrameRecord& record, const GstFkpMeta* meta) {
  record.scheme = gst_fkp_scheme_get_name(meta->scheme);
  record.width = static_cast<int>(meta->width);  // the size that the coordinates refer to
  record.height = static_cast<int>(meta->height);
  for (guint i = 0; i < gst_fkp_meta_get_n_faces(meta); i++) {
    const GstFkpFace* from = gst_fkp_meta_get_face(meta, i);
    fkp::Face face{from->id, {from->x, from->y, from->width, from->height}, from->score, from->held != FALSE, {}};
    for (guint k = 0; k < from->n_points; k++) face.points.push_back({from->points[k].x, from->points[k].y, from->points[k].confidence});
    record.faces.push_back(std::move(face));
  }
}

static void tell(GstElement* element, const fkp::Notice& notice) {
  GstStructure* details = nullptr;
  if (notice.dropped > 0)
    details = gst_structure_new("fkppublish-dropped", "dropped", G_TYPE_UINT64, static_cast<guint64>(notice.dropped), nullptr);
  fkp::post(element, notice.warning ? GST_MESSAGE_WARNING : GST_MESSAGE_INFO, notice.kind, notice.text, details);
}

/// Cuts a wait at the end of the stream short, or lets it wait again.
static void interrupt(GstFkpPublish* self, bool on) {
  GST_OBJECT_LOCK(self);
  const std::shared_ptr<fkp::Sink> sink = self->state->sink;
  GST_OBJECT_UNLOCK(self);
  if (sink) sink->interrupt(on);
}

static gboolean gst_fkp_publish_start(GstBaseTransform* base) {
  auto* self = GST_FKP_PUBLISH(base);
  State& state = *self->state;
  GST_OBJECT_LOCK(self);
  const fkp::PublishSettings settings = state.settings;
  GST_OBJECT_UNLOCK(self);
  state.started = true;
  state.started = fkp::guarded(GST_ELEMENT(self), [&] {
    state.record = {};
    state.record.stream = settings.stream_id;
    state.filter = {};
    state.clock = {};
    state.frames = 0;
    std::shared_ptr<fkp::Sink> sink =
        fkp::open_destination(settings, [self](const fkp::Notice& notice) { tell(GST_ELEMENT(self), notice); });
    GST_OBJECT_LOCK(self);
    state.sink = std::move(sink);
    GST_OBJECT_UNLOCK(self);
  });
  return state.started;
}

static gboolean gst_fkp_publish_stop(GstBaseTransform* base) {
  auto* self = GST_FKP_PUBLISH(base);
  State& state = *self->state;
  if (!state.sink) return TRUE;
  // Errors are only posted on the bus: stopping must not fail, or the pipeline would stay in its state.
  interrupt(self, false);
  fkp::guarded(GST_ELEMENT(self), [&] { state.sink->flush(); });
  GST_OBJECT_LOCK(self);
  state.last_stats = state.sink->stats();
  state.last_stats.connected = false;
  const auto sink = std::move(state.sink);
  GST_OBJECT_UNLOCK(self);
  state.started = false;
  return TRUE;
}

// The size is read from the structure: GstVideoInfo does not know the formats of every kind of memory.
static gboolean gst_fkp_publish_set_caps(GstBaseTransform* base, GstCaps* in, GstCaps*) {
  fkp::FrameRecord& record = GST_FKP_PUBLISH(base)->state->record;
  const GstStructure* structure = gst_caps_get_structure(in, 0);
  return gst_structure_get_int(structure, "width", &record.width) && gst_structure_get_int(structure, "height", &record.height);
}

static void publish(GstFkpPublish* self, GstBuffer* buffer) {
  State& state = *self->state;
  GST_OBJECT_LOCK(self);
  const fkp::JsonOptions json = state.settings.json;
  const fkp::FrameFilterOptions filter = state.settings.filter;
  GST_OBJECT_UNLOCK(self);

  auto* base = GST_BASE_TRANSFORM(self);
  const auto known = [](GstClockTime time) { return GST_CLOCK_TIME_IS_VALID(time) ? std::optional<std::uint64_t>(time) : std::nullopt; };
  fkp::FrameRecord record = state.record;
  record.frame = state.frames++;
  record.pts = known(GST_BUFFER_PTS(buffer));
  record.stream_time = known(fkp::stream_time(base, buffer));
  if (const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer)) fill_faces(record, meta);
  if (!state.filter.wanted(record, known(fkp::running_time(base, buffer)), filter)) return;
  if (json.include & fkp::kIncludeTime) record.time = state.clock.time(base, buffer);
  state.sink->write(fkp::to_json(record, json));
}

static GstFlowReturn gst_fkp_publish_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
  return fkp::guarded(GST_ELEMENT(base), [&] { publish(GST_FKP_PUBLISH(base), buffer); }) ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static GstStateChangeReturn gst_fkp_publish_change_state(GstElement* element, GstStateChange change) {
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY) interrupt(GST_FKP_PUBLISH(element), true);  // stop() does the waiting, for a limited time
  return GST_ELEMENT_CLASS(gst_fkp_publish_parent_class)->change_state(element, change);
}

static gboolean gst_fkp_publish_sink_event(GstBaseTransform* base, GstEvent* event) {
  auto* self = GST_FKP_PUBLISH(base);
  State& state = *self->state;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_FLUSH_START:
      interrupt(self, true);
      break;
    case GST_EVENT_EOS:  // by the time it reaches the sinks, everything is published
      if (state.sink) fkp::guarded(GST_ELEMENT(self), [&] { state.sink->flush(); });
      break;
    case GST_EVENT_FLUSH_STOP:
      interrupt(self, false);
      [[fallthrough]];
    case GST_EVENT_STREAM_START:
    case GST_EVENT_SEGMENT:
      state.filter.restart_time();
      state.clock.restart();
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS(gst_fkp_publish_parent_class)->sink_event(base, event);
}

static void gst_fkp_publish_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto* self = GST_FKP_PUBLISH(object);
  fkp::publish_properties().set(object, self->state->settings, id, value, spec, self->state->started);
}

static GstStructure* stats_structure(guint64 frames, const fkp::SinkStats& stats) {
  const auto number = [](std::uint64_t n) { return static_cast<guint64>(n); };
  const fkp::LineCounts& c = stats.counts;
  return gst_structure_new("fkppublish-stats", "frames", G_TYPE_UINT64, frames, "lines", G_TYPE_UINT64, number(c.lines), "delivered",
                           G_TYPE_UINT64, number(c.delivered), "dropped", G_TYPE_UINT64, number(c.dropped), "refused", G_TYPE_UINT64,
                           number(c.refused), "queued", G_TYPE_UINT64, number(c.queued), "queued-bytes", G_TYPE_UINT64,
                           number(c.queued_bytes), "in-flight", G_TYPE_UINT64, number(c.in_flight), "connected", G_TYPE_BOOLEAN,
                           static_cast<gboolean>(stats.connected), "connections", G_TYPE_UINT64, number(stats.connections), nullptr);
}

static void gst_fkp_publish_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  State& state = *GST_FKP_PUBLISH(object)->state;
  if (id != prop_stats) return fkp::publish_properties().get(object, state.settings, id, value, spec);
  GST_OBJECT_LOCK(object);
  const fkp::SinkStats stats = state.sink ? state.sink->stats() : state.last_stats;
  GST_OBJECT_UNLOCK(object);
  g_value_take_boxed(value, stats_structure(state.frames, stats));
}

static void gst_fkp_publish_finalize(GObject* object) {
  delete GST_FKP_PUBLISH(object)->state;
  G_OBJECT_CLASS(gst_fkp_publish_parent_class)->finalize(object);
}

static void gst_fkp_publish_init(GstFkpPublish* self) {
  self->state = new State;
  gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_fkp_publish_class_init(GstFkpPublishClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  auto* element = GST_ELEMENT_CLASS(klass);
  auto* base = GST_BASE_TRANSFORM_CLASS(klass);
  object->set_property = gst_fkp_publish_set_property;
  object->get_property = gst_fkp_publish_get_property;
  object->finalize = gst_fkp_publish_finalize;
  prop_stats = fkp::publish_properties().install(object);
  g_object_class_install_property(
      object, prop_stats,
      g_param_spec_boxed(
          "stats", "Statistics",
          "What became of the frames: frames, lines, delivered, dropped, refused, queued, queued-bytes, in-flight, connected, "
          "connections",
          GST_TYPE_STRUCTURE, static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

  gst_element_class_set_static_metadata(element, "Facial keypoint publisher", "Filter/Video",
                                        "Publishes the faces and keypoints that fkpdetect found as JSON, a line for each frame: to a file, "
                                        "standard output, MQTT or Kafka",
                                        "fkp");
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  element->change_state = GST_DEBUG_FUNCPTR(gst_fkp_publish_change_state);
  base->start = GST_DEBUG_FUNCPTR(gst_fkp_publish_start);
  base->stop = GST_DEBUG_FUNCPTR(gst_fkp_publish_stop);
  base->set_caps = GST_DEBUG_FUNCPTR(gst_fkp_publish_set_caps);
  base->propose_allocation = GST_DEBUG_FUNCPTR(fkp::propose_as_downstream);
  base->transform_ip = GST_DEBUG_FUNCPTR(gst_fkp_publish_transform_ip);
  base->sink_event = GST_DEBUG_FUNCPTR(gst_fkp_publish_sink_event);
}
