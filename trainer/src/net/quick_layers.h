// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

namespace fkp {

// Layers of torch.nn, with its defaults, that train faster on a CPU, by features of oneDNN that libtorch does not use. Results
// equal libtorch's within float rounding; in evaluation, and whenever oneDNN cannot do it, libtorch itself is used.

/// A convolution; of 3×3 at stride 1 by Winograd's algorithm.
torch::Tensor convolved(torch::nn::Conv2dImpl& layer, const torch::Tensor& x);

/// Batch norm, fused with a ReLU if `relu`.
torch::Tensor normalised(torch::nn::BatchNorm2dImpl& layer, const torch::Tensor& x, bool relu);

}  // namespace fkp
