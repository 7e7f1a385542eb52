// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

namespace fkp {

/// Muon, an optimiser for weights that are matrices (Jordan et al., "Muon: An optimizer for hidden layers in neural networks",
/// 2024): each step goes along the orthogonal matrix nearest to the momentum, so that all directions learn at the same rate. A
/// convolution's weight is taken as the matrix [outputs, inputs × kernel].
class Muon {
 public:
  Muon(std::vector<torch::Tensor> weights, double weight_decay);

  /// Updates the weights; those without a gradient stay as they are.
  void step(double lr);

  void save(torch::serialize::OutputArchive& archive) const;
  /// Throws c10::Error if the archive holds no momenta of these weights.
  void load(torch::serialize::InputArchive& archive);

 private:
  std::vector<torch::Tensor> weights_, momenta_;
  double weight_decay_;
};

/// Approximately the orthogonal matrix nearest to `matrix` [rows, columns]: its singular values lie between 0.7 and 1.2.
torch::Tensor orthogonal(const torch::Tensor& matrix);

}  // namespace fkp
