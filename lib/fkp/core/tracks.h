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

/// When a followed face is lost.
struct TrackRules {
  float face_threshold = 0.5f;  ///< least score of a look
  int max_lost_frames = 0;      ///< looks that may fail, one after the other, while the face is held where it was
};

/// The faces that are followed from frame to frame. A face keeps its id until more looks at it fail than the rules allow;
/// while they fail it is held: it stays as it was last seen.
class Tracks {
 public:
  /// The followed faces, oldest first.
  const std::vector<Face>& faces() const { return faces_; }

  /// Whether a face was seen in this frame: one that is not held.
  bool any_seen() const;

  /// Of the detections those that are no followed face yet, best first, as many as there is room for. A held face does not
  /// count: what is found in its place may be it.
  std::vector<Detection> unfollowed(std::vector<Detection> detections, int max_faces) const;

  /// Takes this frame's looks at the followed faces, one for each, in the order of faces(). A face that has become the
  /// same as an older one is lost at once.
  void update(std::vector<Look> looks, const TrackRules& rules);

  /// Takes looks at newly detected faces: those that show a face are followed, with the id of a held face where they lie
  /// on one, and with a new one otherwise.
  void add(std::vector<Look> looks, const TrackRules& rules);

  /// Keeps the oldest `count` faces.
  void limit(int count);

  /// Keeps the faces that a detection overlaps: for networks that cannot tell a face from none.
  void confirm(const std::vector<Detection>& detections);

  /// Forgets the faces; ids go on counting.
  void clear();

 private:
  bool follows(const cv::Rect2f& box) const;

  std::vector<Face> faces_;
  std::vector<int> missed_;  // of each face, the looks that failed since it was seen
  std::uint32_t last_id_ = 0;
};

}  // namespace fkp
