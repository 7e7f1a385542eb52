// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/muon.h"

#include <cmath>
#include <string>
#include <utility>

namespace fkp {
namespace {

constexpr double kMomentum = 0.95;
constexpr int kIterations = 5;
// The quintic of the Newton–Schulz iteration, as the paper tuned it: fast rather than exact.
constexpr double kLinear = 3.4445, kCubic = -4.7750, kQuintic = 2.0315;

std::string name_of(std::size_t i) { return "momentum" + std::to_string(i); }

}  // namespace

torch::Tensor orthogonal(const torch::Tensor& matrix) {
  auto x = matrix / (matrix.norm() + 1e-7);
  const bool tall = x.size(0) > x.size(1);
  if (tall) x = x.t();
  for (int i = 0; i < kIterations; i++) {
    const auto square = x.mm(x.t());
    x = kLinear * x + (kCubic * square + kQuintic * square.mm(square)).mm(x);
  }
  return tall ? x.t() : x;
}

Muon::Muon(std::vector<torch::Tensor> weights, double weight_decay) : weights_(std::move(weights)), weight_decay_(weight_decay) {
  for (const auto& w : weights_) momenta_.push_back(torch::zeros_like(w));
}

void Muon::step(double lr) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < weights_.size(); i++) {
    auto& weight = weights_[i];
    const auto& gradient = weight.grad();
    if (!gradient.defined()) continue;
    momenta_[i].lerp_(gradient, 1 - kMomentum);
    const auto ahead = gradient.lerp(momenta_[i], kMomentum);  // Nesterov's
    const auto way = orthogonal(ahead.contiguous().flatten(1));
    const double tall = std::max(1.0, static_cast<double>(way.size(0)) / static_cast<double>(way.size(1)));
    weight.mul_(1 - lr * weight_decay_).add_(way.reshape(weight.sizes()), -lr * std::sqrt(tall));
  }
}

void Muon::save(torch::serialize::OutputArchive& archive) const {
  for (std::size_t i = 0; i < momenta_.size(); i++) archive.write(name_of(i), momenta_[i], true);
}

void Muon::load(torch::serialize::InputArchive& archive) {
  for (std::size_t i = 0; i < momenta_.size(); i++) archive.read(name_of(i), momenta_[i], true);
}

}  // namespace fkp
