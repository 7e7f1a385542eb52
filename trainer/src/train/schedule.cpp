// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/schedule.h"

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

constexpr double kWarmupStart = 0.05, kRestart = 0.5, kCosineEnd = 0.01;  // fractions of the peak learning rate
constexpr double kMomentum = 0.9;                                         // of stochastic gradient descent

/// Half a cosine, from `from` at way = 0 down to kCosineEnd at way = 1.
double cosine_at(double way, double from) { return kCosineEnd + (from - kCosineEnd) * 0.5 * (1 + std::cos(M_PI * way)); }

/// After the last step, its rate stays.
double step_at(const TrainSpec& spec, double epoch) {
  double end = 0;
  for (const auto& [epochs, lr] : spec.steps)
    if (epoch < (end += epochs)) return lr / spec.lr;
  return spec.steps.back().second / spec.lr;
}

}  // namespace

double schedule_share(const TrainSpec& t, double epoch) {
  if (epoch < t.warmup) return kWarmupStart + (1 - kWarmupStart) * epoch / t.warmup;
  if (t.schedule == Schedule::constant) return 1;
  if (t.schedule == Schedule::steps) return step_at(t, epoch);
  const bool restarts = t.restart > 0 && t.restart < t.epochs;
  if (restarts && epoch >= t.restart) return cosine_at((epoch - t.restart) / (t.epochs - t.restart), kRestart);
  const int end = restarts ? t.restart : t.epochs;
  return cosine_at((epoch - t.warmup) / std::max(1.0, end - t.warmup), 1);
}

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const TrainSpec& t, const std::vector<torch::Tensor>& weights) {
  using namespace torch::optim;
  switch (t.optimizer) {
    case fkp::Optimizer::adamw:
      break;
    case fkp::Optimizer::adam:
      return std::make_unique<Adam>(weights, AdamOptions(t.lr).weight_decay(t.weight_decay));
    case fkp::Optimizer::sgd:
      return std::make_unique<SGD>(weights, SGDOptions(t.lr).momentum(kMomentum).nesterov(true).weight_decay(t.weight_decay));
  }
  return std::make_unique<AdamW>(weights, AdamWOptions(t.lr).weight_decay(t.weight_decay));
}

}  // namespace fkp
