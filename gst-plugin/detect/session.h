// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include <memory>
#include <optional>
#include <vector>

#include "fkp/analyser.h"
#include "fkp/core/pace.h"
#include "frames.h"
#include "regions.h"
#include "report.h"
#include "settings.h"

namespace fkp {

/// What fkpdetect does between start and stop: attaches the faces of a stream to its frames. For the streaming thread.
class Session {
 public:
  /// Loads the networks. `element` is used for logging, for messages and for its clock. Throws Error.
  Session(GstElement* element, const DetectSettings& settings);

  const KeypointNet& net() const { return *net_; }
  std::shared_ptr<Statistics> statistics() const { return analyser_->statistics(); }
  /// How long analysis delays a live stream, in nanoseconds.
  gint64 latency() const { return pace_.latency(); }

  void set_format(const GstVideoInfo& info);

  /// The next frame shows another scene.
  void restart();
  /// The next frame may show the same scene, at another time.
  void restart_time();
  /// The stream has ended: all faces are lost.
  void end(const DetectSettings& settings);

  /// Attaches a frame's faces to its buffer, which must be writable. On a `live` stream, a frame that there is no time to analyse gets
  /// the last faces, held; so does one that cannot be mapped, with a warning. Returns whether latency() has changed. Throws what
  /// Analyser throws.
  bool process(GstBuffer* buffer, GstClockTime running_time, bool live, const DetectSettings& settings);

 private:
  std::vector<Face> faces_of(GstBuffer* buffer, GstClockTime running_time, bool live, const DetectSettings& settings);
  std::vector<Face> paced_faces(GstBuffer* buffer, GstClockTime running_time, GstClockTime now, const DetectSettings& settings);
  std::vector<Face> analyse(GstBuffer* buffer, GstClockTime running_time, const DetectSettings& settings);
  std::vector<Face> carry(const DetectSettings& settings);

  GstElement* const element_;
  std::shared_ptr<KeypointNet> net_;
  UpstreamRegions* regions_ = nullptr;  // the analyser's detector if it is of this kind, else null
  std::unique_ptr<Analyser> analyser_;
  std::unique_ptr<GstFkpScheme, decltype(&gst_fkp_scheme_unref)> scheme_{nullptr, gst_fkp_scheme_unref};
  GstVideoInfo info_{};
  cv::Mat scratch_;
  Pace pace_;
  bool latency_changed_ = false;
  bool told_untimed_ = false;  // that a live stream's frames have no time
  FaceMessages messages_;
  UnmappedFrames unmapped_;
  guint64 frame_ = 0;
};

}  // namespace fkp
