// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/quick_layers.h"

// For a build without oneDNN.

namespace fkp {

torch::Tensor convolved(torch::nn::Conv2dImpl& layer, const torch::Tensor& x) { return layer.forward(x); }

torch::Tensor normalised(torch::nn::BatchNorm2dImpl& layer, const torch::Tensor& x, bool relu) {
  const auto y = layer.forward(x);
  return relu ? torch::relu(y) : y;
}

}  // namespace fkp
