// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

namespace fkp {

/// A U-Net (Ronneberger et al., MICCAI 2015) with batch norm, as it is commonly taken for medical pictures: at each width two
/// convolutions of 3×3; halved by pooling on the way down, doubled by a transposed convolution on the way up, where what the way
/// down had at that size joins it. Maps come out at the size of the input.
class UNetImpl : public torch::nn::Module {
 public:
  /// `widths`: channels at each size, from the whole one down; two or more.
  UNetImpl(int channels, const std::vector<int>& widths, int maps);

  /// [N, channels, H, W], both sides multiples of 2^(widths − 1), to [N, maps, H, W].
  torch::Tensor forward(torch::Tensor x);

 private:
  torch::nn::ModuleList down_, up_, joined_;
  torch::nn::Conv2d maps_{nullptr};
};
TORCH_MODULE(UNet);

}  // namespace fkp
