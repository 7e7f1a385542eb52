// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <vector>

#include "fkp/core/face.h"

namespace fkp {

/// A face that a detector found.
struct Detection {
  cv::Rect2f box;   ///< its face box: a square, in square pixels
  float score = 0;  ///< in [0, 1]
  float angle = 0;  ///< radians by which the face is rotated, clockwise on the screen; 0 if the detector does not know
};

/// The keypoint network's result for one region.
struct Look {
  Points points;     ///< square pixels
  float score = 0;   ///< in [0, 1], how surely this is a face
  cv::Rect2f box{};  ///< the face box; empty if no point is known

  /// Whether the points are at plausible positions, neither far away nor all on one another, and the score reaches the threshold.
  bool shows_face(float threshold) const;
};

/// When a tracked face counts as lost.
struct TrackRules {
  float face_threshold = 0.5f;  ///< minimum score of a look
  int max_lost_frames = 0;      ///< frames for which a face that is no longer seen is held at its last position
};

/// The faces that are tracked from frame to frame. For each frame: update(), then optionally add() with what a detector found, then
/// drop_lost(). A face that the network no longer sees is held as it was last seen, and keeps its id if it is found again before it is
/// dropped.
class Tracks {
 public:
  /// The tracked faces, oldest first.
  const std::vector<Face>& faces() const { return faces_; }

  /// How many faces were seen in this frame: those that are not held.
  int seen() const;

  /// How many were seen in the previous frame but not in this one.
  int newly_lost() const;

  /// The detections that are not tracked yet, best first. Held faces do not count as tracked: a detection in the place of one may be that
  /// face. A detection on the head of a much larger face, such as an ear, is not taken for a face.
  std::vector<Detection> unfollowed(std::vector<Detection> detections) const;

  /// Takes this frame's looks at the tracked faces, one for each, in the order of faces(). If the looks at two of them now show the same
  /// face, it is the one that has moved less (one that was held gives way; else the older stays), and the other counts as not seen.
  void update(std::vector<Look> looks, const TrackRules& rules);

  /// Takes looks at newly detected faces: those that show a face are tracked from now on, with the id of the held face that they overlap,
  /// or else with a new one.
  void add(std::vector<Look> looks, const TrackRules& rules);

  /// A frame is passed on without analysis: one more missed frame for each face that was held already.
  void pass_over();

  /// Drops the faces that have been held for longer than allowed.
  void drop_lost(const TrackRules& rules);

  /// Keeps at most `count` faces: drops held ones first, then the newest.
  void limit(int count);

  /// Keeps only the faces that overlap a detection: for networks that cannot tell faces from non-faces.
  void confirm(const std::vector<Detection>& detections);

  /// Gives each face the size of a detection that it overlaps: for a network of a single point, which tells nothing of it.
  void resize(const std::vector<Detection>& detections);

  /// Forgets the faces; ids continue counting.
  void clear();

 private:
  bool follows(const cv::Rect2f& box) const;
  template <typename Keep>
  void keep_if(Keep keep);

  std::vector<Face> faces_;
  std::vector<int> missed_;  // for each face, the frames missed since it was last seen
  std::uint32_t last_id_ = 0;
};

}  // namespace fkp
