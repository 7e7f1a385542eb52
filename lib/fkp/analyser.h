// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "fkp/core/image.h"
#include "fkp/core/smoothing.h"
#include "fkp/core/statistics.h"
#include "fkp/core/tracks.h"
#include "fkp/detector.h"
#include "fkp/keypoint_net.h"

namespace fkp {

struct AnalyserOptions {
  int detect_interval = 30;          ///< frames between detector runs; 0: only when no face is seen or one was just lost,
                                     ///< but 30 for a network that cannot tell faces from non-faces
  int empty_interval = 1;            ///< frames between detector runs while no face is tracked
  int max_faces = 8;                 ///< tracked at once
  int min_face_size = 0;             ///< pixels: detections with a smaller face box are ignored
  float detection_threshold = 0.5f;  ///< minimum score of a detection; NetDetector gives none below 0.1
  TrackRules track;
  SmoothingOptions smoothing;
};

/// Finds the keypoints of detected faces in two passes: the detector's boxes are rough, so the second pass starts from the points of the
/// first. If the scheme tells which way is up, a face that the first is not sure of is also looked at turned by a quarter, a half and three
/// quarters, and the surest look counts. Returns one Look for each detection.
std::vector<Look> look_closely(KeypointNet& net, const Luma& picture, const std::vector<Detection>& detections,
                               Statistics* statistics = nullptr);

/// Finds and tracks the faces of a stream, frame by frame: looks for each face where its points were, and again from its new points if it
/// has moved far; runs the detector when no face is seen, one was lost lately, or the interval is due. While no face is tracked and the
/// detector is not sure of one, it now and then searches the picture upside down, too. If the network cannot tell faces
/// from non-faces, a face is kept only while the detector, run at the interval, finds it too. A network for whole pictures sees one face in
/// each and needs no detector: the given one is not called. For one stream, from one thread at a time.
class Analyser {
 public:
  Analyser(std::shared_ptr<KeypointNet> net, std::unique_ptr<Detector> detector);

  /// The faces of the next frame, in coordinates of the picture. `time`: running time in seconds, if known; used only for smoothing. Throws
  /// what the network and the detector throw, and std::invalid_argument as check().
  std::vector<Face> analyse(const Luma& picture, std::optional<double> time, const AnalyserOptions& options);

  /// The faces of a frame that is skipped: those of the last frame, marked as held, except those that have now been lost for too long.
  std::vector<Face> carry(const TrackRules& rules);

  /// Forgets all faces: the next frame shows another scene.
  void reset();

  /// Restarts smoothing: the next frame's time does not continue from the last one's, but the faces may still be there.
  void restart_time() { smoother_.reset(); }

  /// Counts and times so far; may outlive the analyser.
  std::shared_ptr<Statistics> statistics() const { return statistics_; }

 private:
  bool sees_whole_picture() const { return net_->description().crop.whole_picture; }
  void follow(const Luma& picture, const TrackRules& rules);
  void seek(const Luma& picture, const AnalyserOptions& options);
  bool some_stand_on_their_heads() const;
  /// Looks at newly detected faces.
  struct Search {
    std::vector<Look> looks;
    float surest = 0;  ///< greatest score of the detections whose looks show a face
  };
  Search newcomers(const std::function<std::vector<Detection>()>& detect, const Luma& picture, const AnalyserOptions& options);

  std::shared_ptr<KeypointNet> net_;
  std::unique_ptr<Detector> detector_;
  std::shared_ptr<Statistics> statistics_ = std::make_shared<Statistics>();
  Tracks tracks_;
  Smoother smoother_;
  std::vector<Face> last_;                         // as returned
  std::optional<std::int64_t> frames_since_seek_;  // none: a search is due
  std::optional<std::int64_t> since_lost_;         // frames since a face was lost last
  std::int64_t vain_searches_ = 0;                 // in a row, in which nobody was found
};

}  // namespace fkp
