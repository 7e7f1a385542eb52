// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <memory>
#include <vector>

#include "recipe.h"

namespace fkp {

/// The share of its highest value that the learning rate has after `epoch` epochs: up in a line while it warms up, then as the
/// recipe's schedule says; a cosine may begin anew (Loshchilov and Hutter, "SGDR", ICLR 2017).
double schedule_share(const TrainSpec& spec, double epoch);

/// The recipe's optimizer of `weights`.
std::unique_ptr<torch::optim::Optimizer> make_optimizer(const TrainSpec& spec, const std::vector<torch::Tensor>& weights);

}  // namespace fkp
