// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

namespace fkp {
namespace {

enum Smoothing { kNone, kOneEuro };

GType mode_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(Mode::automatic), "Live if the source is live, else offline", "auto"},
      {static_cast<int>(Mode::live), "Frames that there is no time for pass with the last faces, so that the delay does not grow", "live"},
      {static_cast<int>(Mode::offline), "Every frame is analysed, however long it takes", "offline"},
      {0, nullptr, nullptr}};
  static const GType type = plugin_enum("GstFkpDetectMode", values);
  return type;
}

GType detector_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(DetectorKind::net), "A network, detector-model; finds tilted, small and partly hidden faces, too", "net"},
      {static_cast<int>(DetectorKind::haar), "OpenCV's Haar cascade, for upright frontal faces", "haar"},
      {static_cast<int>(DetectorKind::roi), "An element upstream, by regions of interest or object detections on the buffer", "roi"},
      {static_cast<int>(DetectorKind::none), "The whole frame is one face", "none"},
      {0, nullptr, nullptr}};
  static const GType type = plugin_enum("GstFkpDetectDetector", values);
  return type;
}

GType smoothing_type() {
  static const GEnumValue values[] = {{kNone, "Points as the network gives them, frame by frame", "none"},
                                      {kOneEuro, "The 1€ filter: steady while a face is still, little lag while it moves", "one-euro"},
                                      {0, nullptr, nullptr}};
  static const GType type = plugin_enum("GstFkpDetectSmoothing", values);
  return type;
}

}  // namespace

const Properties<DetectSettings>& detect_properties() {
  static const auto all =
      Properties<DetectSettings>()
          .text(
              "model", "Model", "Keypoint network: a path, or a name to look up in FKP_MODEL_PATH and among the installed models", kFixed,
              [](auto& s) -> auto& { return s.net.model; })
          .text(
              "device", "Device", "Where the networks run: auto (CUDA if there is a device, else the CPU), cpu, cuda or cuda:N", kFixed,
              [](auto& s) -> auto& { return s.net.device; })
          .number(
              "threads", "Threads", "Processor threads of the network; more than one helps only on an idle machine", 1, 64, kFixed,
              [](auto& s) -> auto& { return s.net.threads; })
          .text(
              "precision", "Precision",
              "Arithmetic of the networks: fp32, bf16 (bfloat16, needs a processor that has it) or auto (bf16 if possible)", kFixed,
              [](auto& s) -> auto& { return s.net.precision; })
          .text(
              "model-instance-id", "Model instance id",
              "Elements of one process with the same id share one loaded network and put their crops through it in common batches (empty: "
              "a network of its own)",
              kFixed, [](auto& s) -> auto& { return s.model_instance_id; })
          .number(
              "batch-size", "Batch size", "Maximum number of crops, of all streams that share the network, that go through it at once", 1,
              1024, kFixed, [](auto& s) -> auto& { return s.net.batch_size; })
          .number(
              "batch-timeout", "Batch timeout",
              "Maximum number of milliseconds for which a crop waits for those of other active streams that share the network (0: "
              "only crops that wait for a busy network go together)",
              0, 1000, kFixed, [](auto& s) -> auto& { return s.net.batch_timeout; })
          .choice(
              "mode", "Mode", "Whether frames may pass without being analysed when there is no time for all", mode_type(), kFixed,
              [](auto& s) -> auto& { return s.mode; })
          .choice(
              "detector", "Detector", "What finds new faces", detector_type(), kFixed, [](auto& s) -> auto& { return s.detector; })
          .text(
              "detector-model", "Detector model", "detector=net: its network, a path or a name as for model", kFixed,
              [](auto& s) -> auto& { return s.detector_model; })
          .number(
              "detect-size", "Detection size",
              "detector=net: longest side, in pixels, of the picture that is searched; more finds smaller faces and takes longer (0: the "
              "model's own)",
              0, 8192, kFixed, [](auto& s) -> auto& { return s.detect_size; })
          .text(
              "roi-type", "Region type", "detector=roi: type of the regions or objects to take for faces (empty: all)", kFixed,
              [](auto& s) -> auto& { return s.roi_type; })
          .number(
              "detect-interval", "Detection interval",
              "Frames from one search for new faces to the next while a face is tracked (0: search only while none is, and after one was "
              "lost)",
              0, G_MAXINT, kControllable, [](auto& s) -> auto& { return s.analysis.detect_interval; })
          .number(
              "empty-interval", "Empty interval",
              "Frames from one search for faces to the next while none is tracked (more saves time on empty scenes)", 1, G_MAXINT,
              kControllable, [](auto& s) -> auto& { return s.analysis.empty_interval; })
          .number(
              "max-faces", "Maximum faces", "Maximum number of faces tracked at once", 1, 1000, kControllable,
              [](auto& s) -> auto& { return s.analysis.max_faces; })
          .number(
              "min-face-size", "Smallest face", "Minimum height of a face, from brows to chin, in pixels of the frame", 0, G_MAXINT,
              kControllable, [](auto& s) -> auto& { return s.analysis.min_face_size; })
          .number(
              "max-lost-frames", "Maximum lost frames",
              "Frames for which a face that is not seen any more is held at its last place, with its id, before it is dropped", 0, G_MAXINT,
              kControllable, [](auto& s) -> auto& { return s.analysis.track.max_lost_frames; })
          .number(
              "detection-threshold", "Detection threshold", "Minimum score from the face detector for a new face, 0 to 1", 0.f, 1.f,
              kControllable, [](auto& s) -> auto& { return s.analysis.detection_threshold; })
          .number(
              "face-threshold", "Face threshold", "Minimum face score from the keypoint network for a face to be kept, 0 to 1", 0.f, 1.f,
              kControllable, [](auto& s) -> auto& { return s.analysis.track.face_threshold; })
          .other(
              g_param_spec_enum("smoothing", "Smoothing", "How points are smoothed over time", smoothing_type(),
                                DetectSettings().analysis.smoothing.on ? kOneEuro : kNone, kControllable),
              [](DetectSettings& s, const GValue* v) { s.analysis.smoothing.on = g_value_get_enum(v) == kOneEuro; },
              [](const DetectSettings& s, GValue* v) { g_value_set_enum(v, s.analysis.smoothing.on ? kOneEuro : kNone); })
          .number(
              "smoothing-cutoff", "Smoothing cut-off",
              "smoothing=one-euro: cut-off frequency for a point at rest, in hertz; lower is steadier", 0.01f, 1000.f, kControllable,
              [](auto& s) -> auto& { return s.analysis.smoothing.cutoff; })
          .number(
              "smoothing-beta", "Smoothing beta",
              "smoothing=one-euro: hertz added to the cut-off for each face width per second of a point's speed; higher lags less", 0.f,
              1000.f, kControllable, [](auto& s) -> auto& { return s.analysis.smoothing.beta; })
          .flag(
              "post-messages", "Post messages", "Post an element message, fkp-face-appeared or fkp-face-lost, when a face comes or goes",
              kControllable, [](auto& s) -> auto& { return s.post_messages; });
  return all;
}

}  // namespace fkp
