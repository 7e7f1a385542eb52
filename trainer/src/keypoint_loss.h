// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "point_net.h"

namespace fkp {

/// What a batch's N crops should give.
struct Truth {
  torch::Tensor points;                     ///< [N, K, 2], crop pixels; NaN where a point is not known, which teaches nothing
  torch::Tensor weight;                     ///< [N], of the points' loss; 0 where there is no face
  torch::Tensor face;                       ///< [N], 1 where there is a face
  double weight_share = 1, crop_share = 1;  ///< of the whole batch's, where these crops are a worker's part of it
};

/// The mean over the batch, by weight, of a face's loss: that is the mean over its known points. `input`: of the crops.
/// Of a part of a batch its part of that.
torch::Tensor loss_of(const NetOutput& out, const Truth& truth, const TrainSpec& spec, cv::Size input);

}  // namespace fkp
