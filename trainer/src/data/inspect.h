// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

#include "data/sample.h"
#include "recipe/recipe.h"

namespace fkp {

/// Minimum, median and maximum of some values; zeros if there are none.
struct Spread {
  double least = 0, median = 0, most = 0;
};

/// Statistics of a set.
struct SetFacts {
  int faces = 0;
  int groups = 0;               ///< people or pictures, which are never split between training and validation
  double known = 0;             ///< percent of the points that are known
  Spread width, height;         ///< of the pictures, pixels
  Spread side;                  ///< of the face box, pixels
  Spread roll;                  ///< of the line through the eyes, degrees; of faces whose eyes are known
  std::vector<double> missing;  ///< for each point, percent of the faces that lack it
};

SetFacts facts_of(const std::vector<Sample>& samples, const Scheme& scheme);

/// `count` samples, evenly spread over the set, as crops with their points; if `augment` is not null, augmented as in training.
cv::Mat contact_sheet(const std::vector<Sample>& samples, const Scheme& scheme, int count, const Augment* augment);

}  // namespace fkp
