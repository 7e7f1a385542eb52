// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <vector>

#include "fkp/core/image.h"
#include "fkp/core/tracks.h"
#include "fkp/detector.h"
#include "fkp/keypoint_net.h"

namespace fkp {

struct AnalyserOptions {
  int detect_interval = 30;          ///< frames; 0: only where no face is followed
  int max_faces = 8;                 ///< followed at once
  float detection_threshold = 0.5f;  ///< least score of a detection
  float face_threshold = 0.5f;       ///< least face score of the keypoint network
};

/// Makes the faces of a frame, frame by frame: follows each face by its last points, and seeks new ones where no face is
/// followed or the interval is due; a network that cannot tell a face from none keeps a face only while the detector, at the
/// interval, finds it too. For one stream, from one thread at a time.
class Analyser {
 public:
  Analyser(std::shared_ptr<KeypointNet> net, std::unique_ptr<Detector> detector);

  /// The faces of the next frame, in coordinates of the picture. Throws what the network and the detector throw.
  std::vector<Face> analyse(const Luma& picture, const AnalyserOptions& options);

  /// Forgets all faces: the next frame is of another scene.
  void reset();

 private:
  void follow(const Luma& picture, float threshold);
  void seek(const Luma& picture, const AnalyserOptions& options);

  std::shared_ptr<KeypointNet> net_;
  std::unique_ptr<Detector> detector_;
  Tracks tracks_;
  int frames_since_seek_ = 0;
};

}  // namespace fkp
