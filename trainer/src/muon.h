// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

namespace fkp {

/// Muon, an optimiser for weights that are matrices (Jordan et al., "Muon: An optimizer for hidden layers in neural networks",
/// 2024): each step goes along the nearest orthogonal matrix of the momentum, so that all directions learn at one pace. A
/// convolution's weight is the matrix [outputs, inputs × kernel].
class Muon {
 public:
  Muon(std::vector<torch::Tensor> weights, double weight_decay);

  /// Moves the weights against their gradients; those without one stay.
  void step(double lr);

  void save(torch::serialize::OutputArchive& archive) const;
  /// Throws c10::Error where the archive holds no momenta of these weights.
  void load(torch::serialize::InputArchive& archive);

 private:
  std::vector<torch::Tensor> weights_, momenta_;
  double weight_decay_;
};

/// The nearest orthogonal matrix of `matrix` [rows, columns], roughly: singular values come out between 0.7 and 1.2.
torch::Tensor orthogonal(const torch::Tensor& matrix);

}  // namespace fkp
