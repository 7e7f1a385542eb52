// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

#include <cmath>

#include "properties.h"

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

const Properties<Settings>& properties() {
  static const auto all =
      Properties<Settings>()
          .text(
              "model", "Model", "Keypoint network: a path, or a name that is sought in FKP_MODEL_PATH and the installed models", kFixed,
              [](auto& s) -> auto& { return s.net.model; })
          .text(
              "device", "Device", "Where the network runs: auto (CUDA where there is one, else the CPU), cpu, cuda or cuda:N", kFixed,
              [](auto& s) -> auto& { return s.net.device; })
          .number(
              "threads", "Threads", "Processor threads of the network; more than one is faster on an idle machine only", 1, 64, kFixed,
              [](auto& s) -> auto& { return s.net.threads; })
          .text(
              "precision", "Precision",
              "What the networks multiply: fp32, bf16 (bfloat16, on a processor that has it), or auto (bf16 where it can be had)", kFixed,
              [](auto& s) -> auto& { return s.net.precision; })
          .text(
              "model-instance-id", "Model instance id",
              "Elements of one process with the same id share one loaded network, and their crops go through it in common batches (empty: "
              "a network of its own)",
              kFixed, [](auto& s) -> auto& { return s.model_instance_id; })
          .number(
              "batch-size", "Batch size", "Crops, of all streams that share the network, that go through it at once at most", 1, 1024,
              kFixed, [](auto& s) -> auto& { return s.net.batch_size; })
          .other(
              g_param_spec_int("batch-timeout", "Batch timeout",
                               "Milliseconds that a crop waits at most for those of other active streams that share the network (0: what "
                               "waits while the network is busy goes together)",
                               0, 1000, static_cast<int>(Settings().net.batch_timeout * 1000), kFixed),
              [](Settings& s, const GValue* v) { s.net.batch_timeout = g_value_get_int(v) / 1000.0; },
              [](const Settings& s, GValue* v) { g_value_set_int(v, static_cast<int>(std::lround(s.net.batch_timeout * 1000))); })
          .choice(
              "mode", "Mode", "Whether frames may go without a look when there is no time for all", mode_type(), kFixed,
              [](auto& s) -> auto& { return s.mode; })
          .choice(
              "detector", "Detector", "Who finds new faces", detector_type(), kFixed, [](auto& s) -> auto& { return s.detector; })
          .text(
              "detector-model", "Detector model", "detector=net: its network, a path or a name as in model", kFixed,
              [](auto& s) -> auto& { return s.detector_model; })
          .number(
              "detect-size", "Detection size",
              "detector=net: longest side of the picture that is searched, pixels; more finds smaller faces and takes longer (0: the "
              "model's own)",
              0, 8192, kFixed, [](auto& s) -> auto& { return s.detect_size; })
          .text(
              "roi-type", "Region type", "detector=roi: type of the regions or objects that are looked at (empty: all)", kFixed,
              [](auto& s) -> auto& { return s.roi_type; })
          .number(
              "detect-interval", "Detection interval",
              "Frames between two searches for new faces while one is followed (0: search only while none is)", 0, G_MAXINT, kControllable,
              [](auto& s) -> auto& { return s.analysis.detect_interval; })
          .number(
              "empty-interval", "Empty interval",
              "Frames from one search for faces to the next while none is followed (more spares a camera's empty scene)", 1, G_MAXINT,
              kControllable, [](auto& s) -> auto& { return s.analysis.empty_interval; })
          .number(
              "max-faces", "Most faces", "Faces that are followed at once, at most", 1, 1000, kControllable,
              [](auto& s) -> auto& { return s.analysis.max_faces; })
          .number(
              "min-face-size", "Smallest face",
              "Height of a face, from brows to chin, in pixels of the frame, below which it is not taken up", 0, G_MAXINT, kControllable,
              [](auto& s) -> auto& { return s.analysis.min_face_size; })
          .number(
              "max-lost-frames", "Most lost frames",
              "Frames for which a face that is not seen any more is held where it was, with its id, before it is given up", 0, G_MAXINT,
              kControllable, [](auto& s) -> auto& { return s.analysis.track.max_lost_frames; })
          .number(
              "detection-threshold", "Detection threshold", "Least score of the face detector for a new face, 0 to 1", 0.f, 1.f,
              kControllable, [](auto& s) -> auto& { return s.analysis.detection_threshold; })
          .number(
              "face-threshold", "Face threshold", "Least face score of the keypoint network for a face to be followed, 0 to 1", 0.f, 1.f,
              kControllable, [](auto& s) -> auto& { return s.analysis.track.face_threshold; })
          .other(
              g_param_spec_enum("smoothing", "Smoothing", "How points are calmed over time", smoothing_type(),
                                Settings().analysis.smoothing.on ? kOneEuro : kNone, kControllable),
              [](Settings& s, const GValue* v) { s.analysis.smoothing.on = g_value_get_enum(v) == kOneEuro; },
              [](const Settings& s, GValue* v) { g_value_set_enum(v, s.analysis.smoothing.on ? kOneEuro : kNone); })
          .number(
              "smoothing-cutoff", "Smoothing cut-off", "smoothing=one-euro: hertz, of a point at rest; lower is calmer", 0.01f, 1000.f,
              kControllable, [](auto& s) -> auto& { return s.analysis.smoothing.cutoff; })
          .number(
              "smoothing-beta", "Smoothing beta",
              "smoothing=one-euro: hertz more for each face width a second that a point moves; higher lags less", 0.f, 1000.f,
              kControllable, [](auto& s) -> auto& { return s.analysis.smoothing.beta; })
          .flag(
              "post-messages", "Post messages", "Post an element message, fkp-face-appeared or fkp-face-lost, when a face comes or goes",
              kControllable, [](auto& s) -> auto& { return s.post_messages; });
  return all;
}

}  // namespace

guint install_settings(GObjectClass* klass) {
  for (GType type : {mode_type(), detector_type(), smoothing_type()}) gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  return properties().install(klass);
}

bool set_setting(Settings& settings, guint id, const GValue* value) { return properties().set(settings, id, value); }
bool get_setting(const Settings& settings, guint id, GValue* value) { return properties().get(settings, id, value); }

}  // namespace fkp
