// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

namespace fkp {

/// A U-Net (Ronneberger et al., MICCAI 2015) with batch norm, as commonly used for medical images: two 3×3 convolutions per
/// resolution; max pooling on the way down, transposed convolutions on the way up, with skip connections at each resolution. The
/// output maps have the size of the input.
class UNetImpl : public torch::nn::Module {
 public:
  /// `widths`: channels at each resolution, from the full one down; two or more.
  UNetImpl(int channels, const std::vector<int>& widths, int maps);

  /// [N, channels, H, W], both sides multiples of 2^(widths − 1), to [N, maps, H, W].
  torch::Tensor forward(torch::Tensor x);

 private:
  torch::nn::ModuleList down_, up_, joined_;
  torch::nn::Conv2d maps_{nullptr};
};
TORCH_MODULE(UNet);

}  // namespace fkp
