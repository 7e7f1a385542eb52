// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

#include "recipe.h"
#include "sample.h"

namespace fkp {

/// The least, the middle and the greatest of some values; zeros where there are none.
struct Spread {
  double least = 0, median = 0, most = 0;
};

/// What a set holds, in numbers.
struct SetFacts {
  int faces = 0;
  int groups = 0;               ///< people, or pictures: what is never split
  double known = 0;             ///< percent of the points
  Spread width, height;         ///< of the pictures, pixels
  Spread side;                  ///< of the face box, pixels
  Spread roll;                  ///< of the eyes' line, degrees; of faces whose eyes are known
  std::vector<double> missing;  ///< percent of the faces, for each point
};

SetFacts facts_of(const std::vector<Sample>& samples, const Scheme& scheme);

/// `count` samples, evenly spread over the set, as crops with their points. `augment` shows them as training does.
cv::Mat contact_sheet(const std::vector<Sample>& samples, const Scheme& scheme, int count, const Augment* augment);

}  // namespace fkp
