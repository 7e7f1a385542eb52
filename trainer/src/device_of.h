// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

namespace fkp {

/// Where a network's weights lie: what it sees, and what its answers are compared with, must lie there, too.
inline torch::Device device_of(const torch::nn::Module& network) { return network.parameters().front().device(); }

}  // namespace fkp
