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

  /// Whether its points are where a face can be, and the score reaches the threshold.
  bool shows_face(float threshold) const;
};

/// When a followed face is lost.
struct TrackRules {
  float face_threshold = 0.5f;  ///< least score of a look
  int max_lost_frames = 0;      ///< frames for which a face that is not seen is held where it was
};

/// The faces that are followed from frame to frame. For each frame: update(), then perhaps add() with what a detector found, then
/// drop_lost(). A face whose look failed is held, as it was last seen, and keeps its id if it is found again before it is
/// dropped.
class Tracks {
 public:
  /// The followed faces, oldest first.
  const std::vector<Face>& faces() const { return faces_; }

  /// How many faces were seen in this frame: those that are not held.
  int seen() const;

  /// How many were seen in the frame before and not in this.
  int newly_lost() const;

  /// Of the detections those that are no followed face yet, best first, as many as there is room for. A held face does not
  /// count: what is found in its place may be it. What lies on the head of a much larger face is none, as an ear.
  std::vector<Detection> unfollowed(std::vector<Detection> detections, int max_faces) const;

  /// Takes this frame's looks at the followed faces, one for each, in the order of faces(). A face that has become the
  /// same as an older one is lost at once.
  void update(std::vector<Look> looks, const TrackRules& rules);

  /// Takes looks at newly detected faces: those that show a face are followed, with the id of a held face where they lie
  /// on one, and with a new one otherwise.
  void add(std::vector<Look> looks, const TrackRules& rules);

  /// A frame goes by without a look: one frame more for those that were held before.
  void pass_over();

  /// Gives up the faces that have been held for longer than allowed.
  void drop_lost(const TrackRules& rules);

  /// Keeps `count` faces: held ones go first, then the newest.
  void limit(int count);

  /// Keeps the faces that a detection overlaps: for networks that cannot tell a face from none.
  void confirm(const std::vector<Detection>& detections);

  /// Forgets the faces; ids go on counting.
  void clear();

 private:
  bool follows(const cv::Rect2f& box) const;
  template <typename Keep>
  void keep_if(Keep keep);

  std::vector<Face> faces_;
  std::vector<int> missed_;  // of each face, the frames in which it was not seen since it was last
  std::uint32_t last_id_ = 0;
};

}  // namespace fkp
