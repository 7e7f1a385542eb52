// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include "net/quick_layers.h"

namespace fkp {

/// Appends a convolution (its padding keeps the size at stride 1, kernel odd), batch norm and, unless told otherwise, a ReLU.
inline void add_conv(torch::nn::Sequential& to, int in, int out, int stride, bool relu = true, int kernel = 3) {
  to->push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)));
  to->push_back(torch::nn::BatchNorm2d(out));
  if (relu) to->push_back(torch::nn::ReLU());
}

/// Runs the layers in sequence, each batch norm fused with a ReLU that follows it.
inline torch::Tensor through(torch::nn::SequentialImpl& layers, torch::Tensor x) {
  namespace nn = torch::nn;
  for (auto layer = layers.begin(); layer != layers.end(); ++layer) {
    if (auto* conv = layer->ptr()->as<nn::Conv2d>()) {
      x = convolved(*conv, x);
    } else if (auto* norm = layer->ptr()->as<nn::BatchNorm2d>()) {
      const auto next = std::next(layer);
      const bool relu = next != layers.end() && next->ptr()->as<nn::ReLU>();
      x = normalised(*norm, x, relu);
      if (relu) layer = next;
    } else {
      x = layer->forward(x);
    }
  }
  return x;
}

}  // namespace fkp
