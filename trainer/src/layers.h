// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

namespace fkp {

/// Appends a convolution that keeps the size but for its stride, batch norm and, unless told otherwise, a ReLU.
inline void add_conv(torch::nn::Sequential& to, int in, int out, int stride, bool relu = true, int kernel = 3) {
  to->push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)));
  to->push_back(torch::nn::BatchNorm2d(out));
  if (relu) to->push_back(torch::nn::ReLU());
}

}  // namespace fkp
