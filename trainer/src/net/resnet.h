// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <array>

namespace fkp {

/// A residual network of basic blocks (He et al., "Deep Residual Learning", CVPR 2016, table 1) without its last layer. 2, 2, 2, 2
/// blocks make ResNet-18, 3, 4, 6, 3 make ResNet-34. Modules and parameters have torchvision's names, and weights are initialised
/// as there.
class ResNetImpl : public torch::nn::Module {
 public:
  /// `leaky`: negative slope of the activations; 0: ReLU.
  ResNetImpl(int channels, const std::array<int, 4>& blocks, double leaky);

  /// [N, channels, H, W] to [N, 512]: the mean of each map of the last stage.
  torch::Tensor forward(torch::Tensor x);

 private:
  torch::nn::Conv2d conv1{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr};
  std::array<torch::nn::Sequential, 4> stages_{nullptr, nullptr, nullptr, nullptr};
  double leaky_;
};
TORCH_MODULE(ResNet);

}  // namespace fkp
