// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <mutex>

#include "data/sample.h"
#include "fkp/keypoint_net.h"
#include "recipe/recipe.h"

namespace fkp {

struct Batch;

/// A trained network from which another learns: its output on the same crops, before degradation, is easier to learn than
/// annotations, which differ between annotators (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015). It also knows points
/// where nobody has annotated any.
class Teacher {
 public:
  /// Throws as KeypointNet, and Error (mismatch) for a model of another scheme or margin than the recipe's.
  explicit Teacher(const Recipe& recipe);

  /// Replaces the points of crops that show a face by the weighted mean of the annotation and the network's output; unknown
  /// points by its output alone. From any thread; the network runs one batch at a time, so that the threads make no difference.
  void teach(Batch& batch);

  /// The faces of a picture that has boxes alone, with the network's points; not those that are too small for it, of which it sees
  /// next to nothing, or on which its points do not agree with the box. It need not take them for faces: what it refuses is there to be
  /// learned.
  std::vector<Sample> label(const Picture& picture);

 private:
  const cv::Size crop_;
  const float weight_;
  std::mutex mutex_;
  KeypointNet net_;
};

}  // namespace fkp
