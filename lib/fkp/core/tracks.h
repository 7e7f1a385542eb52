// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <vector>

#include "fkp/core/face.h"

namespace fkp {

/// A face that a detector found: its face box (square, see face_box) and the detector's score in [0, 1].
struct Detection {
  cv::Rect2f box;
  float score = 0;
};

/// What the keypoint network saw in one region.
struct Look {
  Points points;
  float score = 0;

  /// Whether all of it is finite and the score reaches the threshold.
  bool shows_face(float threshold) const;
};

/// The faces that are followed from frame to frame. Faces keep their id until a look at them fails.
class Tracks {
 public:
  /// The followed faces, oldest first.
  const std::vector<Face>& faces() const { return faces_; }

  /// Of the detections those that are no followed face yet, best first, as many as there is room for.
  std::vector<Detection> unfollowed(std::vector<Detection> detections, int max_faces) const;

  /// Takes this frame's looks at the followed faces, one for each, in the order of faces(). A face whose score is below
  /// `threshold` is lost, and one that has become the same as an older one.
  void update(std::vector<Look> looks, float threshold);

  /// Takes looks at newly detected faces: those with a score of `threshold` or more that are no followed face are followed.
  void add(std::vector<Look> looks, float threshold);

  /// Keeps the oldest `count` faces.
  void limit(int count);

  /// Keeps the faces that a detection overlaps: for networks that cannot tell a face from none.
  void confirm(const std::vector<Detection>& detections);

  /// Forgets the faces; ids go on counting.
  void clear() { faces_.clear(); }

 private:
  void keep(std::uint32_t id, Look look, float threshold);

  std::vector<Face> faces_;
  std::uint32_t last_id_ = 0;
};

}  // namespace fkp
