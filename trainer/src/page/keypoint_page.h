// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <functional>
#include <vector>

#include "data/augment.h"
#include "page/page.h"

namespace fkp {

/// A network's output for a held-out crop; all in crop pixels.
struct Prediction {
  std::size_t sample = 0;  ///< its index, by the caller's numbering
  Points truth, found;
  double nme = 0;  ///< percent
  float side = 0;  ///< of the face box, crop pixels
};

/// Shows training crops with their points.
void show_crops(const std::vector<Crop>& crops, const Scheme& scheme, Page& page);

/// Shows how well the network does: the distribution of the errors, errors by point and by part on the mean face, and the best
/// and the worst faces. `pixels` gives the crop (CV_8UC1) of a prediction's sample.
void show_predictions(const std::vector<Prediction>& predictions, const Scheme& scheme, const std::function<cv::Mat(std::size_t)>& pixels,
                      Page& page);

}  // namespace fkp
