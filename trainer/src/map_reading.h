// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

namespace fkp {

/// What maps say under their softmax.
struct MapReading {
  torch::Tensor points;   ///< [N, K, 2], crop pixels: the mean of `grid`
  torch::Tensor mean;     ///< [N, K]: that of `values`, where there are some
  torch::Tensor log_sum;  ///< [N, K]: the logarithm of the sum of the maps' exponentials
};

/// All of it from one softmax, forward and back: the same as operation by operation (point_net.h) in a third of the time, for
/// training. `maps` and `values`: [N, K, rows, columns], float; `grid`: [2, rows, columns], centres as cell_centers gives them.
/// `values` may be undefined.
MapReading read_maps(const torch::Tensor& maps, const torch::Tensor& values, const torch::Tensor& grid);

}  // namespace fkp
