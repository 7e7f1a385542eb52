// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

#include "recipe/recipe.h"

namespace fkp {

inline constexpr int kDetectorStrides[] = {8, 16, 32};

/// A single-shot, anchor-free face detector of plain convolutions: few and wide, since on a CPU each has an overhead of some
/// 12 µs, and depthwise ones use its vector units badly. Each of five stages halves the resolution. The maps of strides 16 and 8
/// also get the features of the next coarser stride.
/// The channels of a cell are those that fkp::decode reads (lib/fkp/core/boxes.h).
class DetectorNetImpl : public torch::nn::Module {
 public:
  DetectorNetImpl(const DetectorSpec& spec, int points);

  /// `pictures`: [N, 1, H, W], from −1 (black) to 1 (white), H and W multiples of 32. One map [N, 5 + 2·points, H/s, W/s]
  /// for each stride.
  std::vector<torch::Tensor> forward(const torch::Tensor& pictures);

  /// Becomes a copy of another network of the same recipe.
  void take(const DetectorNetImpl& other);
  /// Lowers the logits of all scores.
  void lower_scores(double by);

 private:
  torch::nn::Sequential quarter_, eighth_, sixteenth_, thirty_second_, join16_, join8_;
  torch::nn::Conv2d top16_{nullptr}, top8_{nullptr};
  torch::nn::ModuleList heads_;
};

}  // namespace fkp
