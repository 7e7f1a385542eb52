// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

namespace fkp {

// Layers of torch.nn, with its defaults, for training on a processor in less time: by oneDNN where it has what libtorch does not
// ask it for. Results are libtorch's within float rounding; in evaluation, and wherever oneDNN cannot, they are libtorch's own.

/// A convolution: of 3×3 at stride 1 by Winograd's way.
torch::Tensor convolved(torch::nn::Conv2dImpl& layer, const torch::Tensor& x);

/// Batch norm, with a ReLU behind it if `relu`: both in one pass.
torch::Tensor normalised(torch::nn::BatchNorm2dImpl& layer, const torch::Tensor& x, bool relu);

}  // namespace fkp
