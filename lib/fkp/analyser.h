// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
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
  int detect_interval = 30;          ///< frames; 0: only where no face is seen, or 30 for a network that cannot tell
  int empty_interval = 1;            ///< frames from one search to the next while no face is followed
  int max_faces = 8;                 ///< followed at once
  int min_face_size = 0;             ///< pixels of a face box's side below which a detection does not count
  float detection_threshold = 0.5f;  ///< least score of a detection
  TrackRules track;
  SmoothingOptions smoothing;
};

/// Looks at faces that a detector found: twice, as its boxes are rough and upright; the second look starts from the points of
/// the first. One Look for each detection.
std::vector<Look> look_closely(KeypointNet& net, const Luma& picture, const std::vector<Detection>& detections,
                               Statistics* statistics = nullptr);

/// Makes the faces of a frame, frame by frame: follows each face by its last points, and seeks new ones where no face is
/// seen, one has just been lost, or the interval is due; a network that cannot tell a face from none keeps a face only while the detector,
/// at the interval, finds it too. A network of whole pictures sees one face in each and needs no detector: the given one is not asked. For
/// one stream, from one thread at a time.
class Analyser {
 public:
  Analyser(std::shared_ptr<KeypointNet> net, std::unique_ptr<Detector> detector);

  /// The faces of the next frame, in coordinates of the picture. `time`: seconds of the stream, where it is known, for
  /// smoothing alone. Throws what the network and the detector throw.
  std::vector<Face> analyse(const Luma& picture, std::optional<double> time, const AnalyserOptions& options);

  /// The faces of a frame that is not looked at: those of the last one, held; without those that were held before and have
  /// now been lost for too long.
  std::vector<Face> carry(const TrackRules& rules);

  /// Forgets all faces: the next frame is of another scene.
  void reset();

  /// The next frame's time does not follow the last one's; the faces may still be there.
  void restart_time() { smoother_.reset(); }

  /// Inferences, detections, faces and times so far; may outlive the analyser.
  std::shared_ptr<Statistics> statistics() const { return statistics_; }

 private:
  bool sees_whole_picture() const { return net_->description().crop.whole_picture; }
  void follow(const Luma& picture, const TrackRules& rules);
  void seek(const Luma& picture, const AnalyserOptions& options);

  std::shared_ptr<KeypointNet> net_;
  std::unique_ptr<Detector> detector_;
  const std::shared_ptr<Statistics> statistics_ = std::make_shared<Statistics>();
  Tracks tracks_;
  Smoother smoother_;
  std::vector<Face> last_;                // as put out
  std::optional<int> frames_since_seek_;  // none: it is time
  int sought_for_ = 0;                    // frames in which one that was lost is still sought
};

}  // namespace fkp
