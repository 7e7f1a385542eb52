// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "net/point_net.h"

namespace fkp {

/// The targets of a batch of N crops.
struct Truth {
  torch::Tensor points;                     ///< [N, K, 2], crop pixels; NaN for unknown points, which are left out of the loss
  torch::Tensor weight;                     ///< [N], of the points' loss; 0 if there is no face
  torch::Tensor face;                       ///< [N], 1 if there is a face, else 0
  double weight_share = 1, crop_share = 1;  ///< of the whole batch's weight and crops, if these are one worker's part
};

/// The weighted mean over the batch of each face's loss, which is the mean over its known points; plus the cross entropy of the
/// face score, if there is one. `input`: size of the crops. For a part of a batch, its part of the batch's loss.
torch::Tensor loss_of(const NetOutput& out, const Truth& truth, const TrainSpec& spec, cv::Size input);

}  // namespace fkp
