// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

#include "train/diverged.h"

namespace fkp {

/// Throws Diverged if any of a network's output is NaN or infinite. Undefined tensors are passed over.
inline void require_finite(const std::vector<torch::Tensor>& output) {
  for (const torch::Tensor& t : output)
    if (t.defined() && !t.isfinite().all().item<bool>())
      throw Diverged("the network's output for held-out pictures is no number any more: lower [train] lr");
}

}  // namespace fkp
