// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "fkp/keypoint_net.h"
#include "recipe.h"

namespace fkp {

struct Batch;

/// A finished network from which another learns: what it finds on the same crops, before they are spoilt, is easier to learn than
/// annotations, which differ from person to person (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015).
class Teacher {
 public:
  /// Throws as KeypointNet, and Error (mismatch) for a model of another scheme or margin than the recipe's.
  explicit Teacher(const Recipe& recipe);

  /// Moves the points of the crops that show a face to the weighted mean of what they are and of what the network finds there;
  /// a point that is not known becomes what it finds. From any thread.
  void teach(Batch& batch);

 private:
  const cv::Size crop_;
  const float weight_;
  KeypointNet net_;
};

}  // namespace fkp
