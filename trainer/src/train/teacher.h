// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <mutex>

#include "fkp/keypoint_net.h"
#include "recipe/recipe.h"

namespace fkp {

struct Batch;

/// A trained network from which another learns: its output on the same crops, before degradation, is easier to learn than
/// annotations, which differ between annotators (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015).
class Teacher {
 public:
  /// Throws as KeypointNet, and Error (mismatch) for a model of another scheme or margin than the recipe's.
  explicit Teacher(const Recipe& recipe);

  /// Replaces the points of crops that show a face by the weighted mean of the annotation and the network's output; unknown
  /// points by its output alone. From any thread; the network runs one batch at a time, so that the threads make no difference.
  void teach(Batch& batch);

 private:
  const cv::Size crop_;
  const float weight_;
  std::mutex mutex_;
  KeypointNet net_;
};

}  // namespace fkp
