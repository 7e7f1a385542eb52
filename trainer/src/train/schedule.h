// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <memory>
#include <vector>

#include "recipe/recipe.h"

namespace fkp {

/// The learning rate after `epoch` epochs, as a fraction of its peak: a linear warm-up, then the recipe's schedule; a cosine
/// may restart (Loshchilov and Hutter, "SGDR", ICLR 2017).
double schedule_share(const TrainSpec& spec, double epoch);

/// The recipe's optimizer, for `weights`.
std::unique_ptr<torch::optim::Optimizer> make_optimizer(const TrainSpec& spec, const std::vector<torch::Tensor>& weights);

}  // namespace fkp
