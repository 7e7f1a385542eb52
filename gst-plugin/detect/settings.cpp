// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

#include <functional>
#include <vector>

namespace fkp {
namespace {

enum Smoothing { kNone, kOneEuro };

GType mode_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(Mode::automatic), "Live where the source is live, else offline", "auto"},
      {static_cast<int>(Mode::live), "Frames that come too late are passed on with the last faces, so that no delay grows", "live"},
      {static_cast<int>(Mode::offline), "Every frame is looked at, however long it takes", "offline"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFkpDetectMode", values);
  return type;
}

GType detector_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(DetectorKind::automatic), "The best that there is", "auto"},
      {static_cast<int>(DetectorKind::net), "A network: turned, small and partly hidden faces too", "net"},
      {static_cast<int>(DetectorKind::haar), "OpenCV's Haar cascade for upright frontal faces", "haar"},
      {static_cast<int>(DetectorKind::roi), "Elements upstream, by regions of interest or detected objects on the buffer", "roi"},
      {static_cast<int>(DetectorKind::none), "The whole frame is one face", "none"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFkpDetectDetector", values);
  return type;
}

GType smoothing_type() {
  static const GEnumValue values[] = {{kNone, "Points as the network sees them, frame by frame", "none"},
                                      {kOneEuro, "The 1€ filter: calm where a face is still, without lag where it moves", "one-euro"},
                                      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFkpDetectSmoothing", values);
  return type;
}

/// One property: how it is described, and how it is moved between Settings and a GValue.
struct Property {
  GParamSpec* (*spec)(const Settings& defaults);
  void (*set)(Settings&, const GValue*);
  void (*get)(const Settings&, GValue*);
};

constexpr auto kFixed = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kPlaying =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING | GST_PARAM_CONTROLLABLE);

std::string text_of(const GValue* value) { return g_value_get_string(value) ? g_value_get_string(value) : ""; }

// clang-format off
const Property kProperties[] = {
    {[](const Settings& d) {
       return g_param_spec_string("model", "Model", "Keypoint network: a path, or a name that is sought in FKP_MODEL_PATH and the installed models",
                                  d.net.model.c_str(), kFixed); },
     [](Settings& s, const GValue* v) { s.net.model = text_of(v); },
     [](const Settings& s, GValue* v) { g_value_set_string(v, s.net.model.c_str()); }},
    {[](const Settings& d) {
       return g_param_spec_string("device", "Device", "Where the network runs: auto (CUDA where there is one, else the CPU), cpu, cuda or cuda:N",
                                  d.net.device.c_str(), kFixed); },
     [](Settings& s, const GValue* v) { s.net.device = text_of(v); },
     [](const Settings& s, GValue* v) { g_value_set_string(v, s.net.device.c_str()); }},
    {[](const Settings& d) {
       return g_param_spec_int("threads", "Threads", "Processor threads of the network; more than one is faster on an idle machine only",
                               1, 64, d.net.threads, kFixed); },
     [](Settings& s, const GValue* v) { s.net.threads = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.net.threads); }},
    {[](const Settings& d) {
       return g_param_spec_string("precision", "Precision",
                                  "What the networks multiply: fp32, bf16 (bfloat16, on a processor that has it), or auto (bf16 where it can be had)",
                                  d.net.precision.c_str(), kFixed); },
     [](Settings& s, const GValue* v) { s.net.precision = text_of(v); },
     [](const Settings& s, GValue* v) { g_value_set_string(v, s.net.precision.c_str()); }},
    {[](const Settings& d) {
       return g_param_spec_string("model-instance-id", "Model instance id",
                                  "Elements of one process with the same id share one loaded network, and their crops go through it in "
                                  "common batches (empty: a network of its own)", d.model_instance_id.c_str(), kFixed); },
     [](Settings& s, const GValue* v) { s.model_instance_id = text_of(v); },
     [](const Settings& s, GValue* v) { g_value_set_string(v, s.model_instance_id.c_str()); }},
    {[](const Settings& d) {
       return g_param_spec_int("batch-size", "Batch size", "Crops, of all streams that share the network, that go through it at once at most",
                               1, 1024, d.net.batch_size, kFixed); },
     [](Settings& s, const GValue* v) { s.net.batch_size = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.net.batch_size); }},
    {[](const Settings& d) {
       return g_param_spec_int("batch-timeout", "Batch timeout",
                               "Milliseconds that a crop waits at most for those of other active streams that share the network (0: "
                               "what waits while the network is busy goes together)", 0, 1000, static_cast<int>(d.net.batch_timeout * 1000), kFixed); },
     [](Settings& s, const GValue* v) { s.net.batch_timeout = g_value_get_int(v) / 1000.0; },
     [](const Settings& s, GValue* v) { g_value_set_int(v, static_cast<int>(s.net.batch_timeout * 1000 + 0.5)); }},
    {[](const Settings& d) {
       return g_param_spec_enum("mode", "Mode", "Whether frames may go without a look when there is no time for all", mode_type(),
                                static_cast<int>(d.mode), kFixed); },
     [](Settings& s, const GValue* v) { s.mode = static_cast<Mode>(g_value_get_enum(v)); },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, static_cast<int>(s.mode)); }},
    {[](const Settings& d) {
       return g_param_spec_enum("detector", "Detector", "Who finds new faces", detector_type(), static_cast<int>(d.detector), kFixed); },
     [](Settings& s, const GValue* v) { s.detector = static_cast<DetectorKind>(g_value_get_enum(v)); },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, static_cast<int>(s.detector)); }},
    {[](const Settings& d) {
       return g_param_spec_string("detector-model", "Detector model", "detector=net: its network, a path or a name as in model",
                                  d.detector_model.c_str(), kFixed); },
     [](Settings& s, const GValue* v) { s.detector_model = text_of(v); },
     [](const Settings& s, GValue* v) { g_value_set_string(v, s.detector_model.c_str()); }},
    {[](const Settings& d) {
       return g_param_spec_int("detect-size", "Detection size",
                               "detector=net: longest side of the picture that is searched, pixels; more finds smaller faces and takes longer "
                               "(0: the model's own)", 0, 8192, d.detect_size, kFixed); },
     [](Settings& s, const GValue* v) { s.detect_size = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.detect_size); }},
    {[](const Settings& d) {
       return g_param_spec_string("roi-type", "Region type", "detector=roi: type of the regions or objects that are looked at (empty: all)",
                                  d.roi_type.c_str(), kFixed); },
     [](Settings& s, const GValue* v) { s.roi_type = text_of(v); },
     [](const Settings& s, GValue* v) { g_value_set_string(v, s.roi_type.c_str()); }},
    {[](const Settings& d) {
       return g_param_spec_int("detect-interval", "Detection interval",
                               "Frames between two searches for new faces while one is followed (0: search only while none is)",
                               0, G_MAXINT, d.analysis.detect_interval, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.detect_interval = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.analysis.detect_interval); }},
    {[](const Settings& d) {
       return g_param_spec_int("empty-interval", "Empty interval",
                               "Frames from one search for faces to the next while none is followed (more spares a camera's empty scene)",
                               1, G_MAXINT, d.analysis.empty_interval, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.empty_interval = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.analysis.empty_interval); }},
    {[](const Settings& d) {
       return g_param_spec_int("max-faces", "Most faces", "Faces that are followed at once, at most", 1, 1000, d.analysis.max_faces, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.max_faces = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.analysis.max_faces); }},
    {[](const Settings& d) {
       return g_param_spec_int("min-face-size", "Smallest face",
                               "Height of a face, from brows to chin, in pixels of the frame, below which it is not taken up", 0, G_MAXINT,
                               d.analysis.min_face_size, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.min_face_size = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.analysis.min_face_size); }},
    {[](const Settings& d) {
       return g_param_spec_int("max-lost-frames", "Most lost frames",
                               "Frames for which a face that is not seen any more is held where it was, with its id, before it is given up",
                               0, G_MAXINT, d.analysis.track.max_lost_frames, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.track.max_lost_frames = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.analysis.track.max_lost_frames); }},
    {[](const Settings& d) {
       return g_param_spec_float("detection-threshold", "Detection threshold", "Least score of the face detector for a new face, 0 to 1",
                                 0, 1, d.analysis.detection_threshold, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.detection_threshold = g_value_get_float(v); },
     [](const Settings& s, GValue* v) { g_value_set_float(v, s.analysis.detection_threshold); }},
    {[](const Settings& d) {
       return g_param_spec_float("face-threshold", "Face threshold", "Least face score of the keypoint network for a face to be followed, 0 to 1",
                                 0, 1, d.analysis.track.face_threshold, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.track.face_threshold = g_value_get_float(v); },
     [](const Settings& s, GValue* v) { g_value_set_float(v, s.analysis.track.face_threshold); }},
    {[](const Settings& d) {
       return g_param_spec_enum("smoothing", "Smoothing", "How points are calmed over time", smoothing_type(),
                                d.analysis.smoothing.on ? kOneEuro : kNone, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.smoothing.on = g_value_get_enum(v) == kOneEuro; },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, s.analysis.smoothing.on ? kOneEuro : kNone); }},
    {[](const Settings& d) {
       return g_param_spec_float("smoothing-cutoff", "Smoothing cut-off", "smoothing=one-euro: hertz, of a point at rest; lower is calmer",
                                 0.01f, 1000, d.analysis.smoothing.cutoff, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.smoothing.cutoff = g_value_get_float(v); },
     [](const Settings& s, GValue* v) { g_value_set_float(v, s.analysis.smoothing.cutoff); }},
    {[](const Settings& d) {
       return g_param_spec_float("smoothing-beta", "Smoothing beta",
                                 "smoothing=one-euro: hertz more for each face width a second that a point moves; higher lags less",
                                 0, 1000, d.analysis.smoothing.beta, kPlaying); },
     [](Settings& s, const GValue* v) { s.analysis.smoothing.beta = g_value_get_float(v); },
     [](const Settings& s, GValue* v) { g_value_set_float(v, s.analysis.smoothing.beta); }},
    {[](const Settings& d) {
       return g_param_spec_boolean("post-messages", "Post messages",
                                   "Post an element message, fkp-face-appeared or fkp-face-lost, when a face comes or goes", d.post_messages, kPlaying); },
     [](Settings& s, const GValue* v) { s.post_messages = g_value_get_boolean(v); },
     [](const Settings& s, GValue* v) { g_value_set_boolean(v, s.post_messages); }},
};
// clang-format on

const Property* property(guint id) { return id >= 1 && id <= G_N_ELEMENTS(kProperties) ? &kProperties[id - 1] : nullptr; }

}  // namespace

guint install_settings(GObjectClass* klass) {
  const Settings defaults;
  guint id = 1;
  for (const Property& p : kProperties) g_object_class_install_property(klass, id++, p.spec(defaults));
  for (GType type : {mode_type(), detector_type(), smoothing_type()}) gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  return id;
}

bool set_setting(Settings& settings, guint id, const GValue* value) {
  const Property* p = property(id);
  if (p) p->set(settings, value);
  return p;
}

bool get_setting(const Settings& settings, guint id, GValue* value) {
  const Property* p = property(id);
  if (p) p->get(settings, value);
  return p;
}

}  // namespace fkp
