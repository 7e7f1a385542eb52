// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-fkppublish
 * @title: fkppublish
 * @short_description: writes the faces that fkpdetect found as JSON
 *
 * Writes one line of JSON for every frame that passes, the frames without faces too, and lets the frame through as it is.
 * The fields: the frame's number from 0, its PTS in nanoseconds, its size, the keypoint scheme, and of every face its id,
 * box, score and points in pixels of the frame. A file is complete at the end of the stream.
 *
 * ## Example pipelines
 *
 * |[
 * gst-launch-1.0 filesrc location=in.mp4 ! decodebin ! fkpdetect ! fkppublish location=faces.jsonl ! fakesink
 * ]|
 * Writes the faces of a film to a file.
 *
 * |[
 * gst-launch-1.0 -q v4l2src ! videoconvert ! fkpdetect ! fkppublish method=stdout stream-id=door ! fakesink | jq '.faces | length'
 * ]|
 * Counts the faces before a camera as they come.
 */

#include "gstfkppublish.h"

#include <gst/fkp/gstfkpmeta.h>

#include <cerrno>
#include <memory>
#include <string>

#include "fkp/core/frame_json.h"
#include "guarded.h"
#include "sink.h"

GST_DEBUG_CATEGORY_STATIC(gst_fkp_publish_debug);
#define GST_CAT_DEFAULT gst_fkp_publish_debug

namespace {

struct Settings {
  GstFkpPublishMethod method = GST_FKP_PUBLISH_METHOD_FILE;
  std::string location;
  std::string stream_id;
};

struct State {
  Settings settings;  // under the object lock
  std::unique_ptr<fkp::Sink> sink;
  fkp::FrameRecord record;  // of the frame under way
};

}  // namespace

struct _GstFkpPublish {
  GstBaseTransform parent;
  State* state;
};

enum { PROP_0, PROP_METHOD, PROP_LOCATION, PROP_STREAM_ID };

#define CAPS "video/x-raw(ANY)"
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(CAPS));

G_DEFINE_FINAL_TYPE_WITH_CODE(GstFkpPublish, gst_fkp_publish, GST_TYPE_BASE_TRANSFORM,
                              GST_DEBUG_CATEGORY_INIT(gst_fkp_publish_debug, "fkppublish", 0, "facial keypoint publisher"))
GST_ELEMENT_REGISTER_DEFINE(fkppublish, "fkppublish", GST_RANK_NONE, GST_TYPE_FKP_PUBLISH)

static GType gst_fkp_publish_method_get_type() {
  static const GType type = [] {
    static const GEnumValue values[] = {{GST_FKP_PUBLISH_METHOD_FILE, "A file, named by location", "file"},
                                        {GST_FKP_PUBLISH_METHOD_STDOUT, "Standard output, flushed line by line", "stdout"},
                                        {0, nullptr, nullptr}};
    return g_enum_register_static("GstFkpPublishMethod", values);
  }();
  return type;
}

static void fill_faces(fkp::FrameRecord& record, const GstFkpMeta* meta) {
  record.scheme = gst_fkp_scheme_get_name(meta->scheme);
  record.width = static_cast<int>(meta->width);  // what the coordinates are pixels of
  record.height = static_cast<int>(meta->height);
  for (guint i = 0; i < gst_fkp_meta_get_n_faces(meta); i++) {
    const GstFkpFace* from = gst_fkp_meta_get_face(meta, i);
    fkp::Face face{from->id, {from->x, from->y, from->width, from->height}, from->score, from->held != FALSE, {}};
    for (guint k = 0; k < from->n_points; k++) face.points.push_back({from->points[k].x, from->points[k].y, from->points[k].confidence});
    record.faces.push_back(std::move(face));
  }
}

static gboolean gst_fkp_publish_start(GstBaseTransform* base) {
  auto* self = GST_FKP_PUBLISH(base);
  GST_OBJECT_LOCK(self);
  const Settings settings = self->state->settings;
  GST_OBJECT_UNLOCK(self);
  if (settings.method == GST_FKP_PUBLISH_METHOD_FILE && settings.location.empty()) {
    GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("No file is named to write to; set location."), (nullptr));
    return FALSE;
  }
  return fkp::guarded(GST_ELEMENT(self), [&] {
    self->state->record = {};
    self->state->record.stream = settings.stream_id;
    self->state->sink = settings.method == GST_FKP_PUBLISH_METHOD_STDOUT ? fkp::open_stdout() : fkp::open_file(settings.location);
  });
}

static gboolean gst_fkp_publish_stop(GstBaseTransform* base) {
  auto* self = GST_FKP_PUBLISH(base);
  auto sink = std::move(self->state->sink);
  return sink == nullptr || fkp::guarded(GST_ELEMENT(self), [&] { sink->flush(); });
}

// The size is read by hand: GstVideoInfo does not know every memory's formats.
static gboolean gst_fkp_publish_set_caps(GstBaseTransform* base, GstCaps* in, GstCaps*) {
  fkp::FrameRecord& record = GST_FKP_PUBLISH(base)->state->record;
  const GstStructure* structure = gst_caps_get_structure(in, 0);
  return gst_structure_get_int(structure, "width", &record.width) && gst_structure_get_int(structure, "height", &record.height);
}

static GstFlowReturn gst_fkp_publish_transform_ip(GstBaseTransform* base, GstBuffer* buffer) {
  auto* self = GST_FKP_PUBLISH(base);
  State& state = *self->state;
  const bool good = fkp::guarded(GST_ELEMENT(self), [&] {
    fkp::FrameRecord record = state.record;
    if (GST_BUFFER_PTS_IS_VALID(buffer)) record.pts = GST_BUFFER_PTS(buffer);
    if (const GstFkpMeta* meta = gst_fkp_buffer_get_meta(buffer)) fill_faces(record, meta);
    state.sink->write(fkp::to_json(record));
    state.record.frame++;
  });
  return good ? GST_FLOW_OK : GST_FLOW_ERROR;
}

// Whoever waits for the end of the stream finds the file complete.
static gboolean gst_fkp_publish_sink_event(GstBaseTransform* base, GstEvent* event) {
  auto* self = GST_FKP_PUBLISH(base);
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS && self->state->sink != nullptr)
    fkp::guarded(GST_ELEMENT(self), [&] { self->state->sink->flush(); });
  return GST_BASE_TRANSFORM_CLASS(gst_fkp_publish_parent_class)->sink_event(base, event);
}

static void gst_fkp_publish_set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  Settings& settings = GST_FKP_PUBLISH(object)->state->settings;
  const auto text = [&] { return g_value_get_string(value) != nullptr ? g_value_get_string(value) : ""; };
  GST_OBJECT_LOCK(object);
  switch (id) {
    case PROP_METHOD:
      settings.method = static_cast<GstFkpPublishMethod>(g_value_get_enum(value));
      break;
    case PROP_LOCATION:
      settings.location = text();
      break;
    case PROP_STREAM_ID:
      settings.stream_id = text();
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(object);
}

static void gst_fkp_publish_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const Settings& settings = GST_FKP_PUBLISH(object)->state->settings;
  GST_OBJECT_LOCK(object);
  switch (id) {
    case PROP_METHOD:
      g_value_set_enum(value, settings.method);
      break;
    case PROP_LOCATION:
      g_value_set_string(value, settings.location.empty() ? nullptr : settings.location.c_str());
      break;
    case PROP_STREAM_ID:
      g_value_set_string(value, settings.stream_id.c_str());
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(object);
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

  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
  const auto install = [&](guint id, GParamSpec* spec) { g_object_class_install_property(object, id, spec); };
  install(PROP_METHOD, g_param_spec_enum("method", "Method", "Where to write (file or stdout)", gst_fkp_publish_method_get_type(),
                                         GST_FKP_PUBLISH_METHOD_FILE, flags));
  install(PROP_LOCATION, g_param_spec_string("location", "Location", "Path of the file to write, needed for method=file; it is overwritten",
                                             nullptr, flags));
  install(PROP_STREAM_ID,
          g_param_spec_string("stream-id", "Stream id", "Name of the stream, written with every frame (text); empty: left out", "", flags));

  gst_element_class_set_static_metadata(element, "Facial keypoint publisher", "Filter/Video",
                                        "Writes the faces and keypoints that fkpdetect found as JSON, a line for each frame", "fkp");
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_type_mark_as_plugin_api(gst_fkp_publish_method_get_type(), static_cast<GstPluginAPIFlags>(0));
  base->start = GST_DEBUG_FUNCPTR(gst_fkp_publish_start);
  base->stop = GST_DEBUG_FUNCPTR(gst_fkp_publish_stop);
  base->set_caps = GST_DEBUG_FUNCPTR(gst_fkp_publish_set_caps);
  base->transform_ip = GST_DEBUG_FUNCPTR(gst_fkp_publish_transform_ip);
  base->sink_event = GST_DEBUG_FUNCPTR(gst_fkp_publish_sink_event);
}
