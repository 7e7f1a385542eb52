// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

namespace fkp {

/// The device of a network's weights, where its inputs and targets must be, too.
inline torch::Device device_of(const torch::nn::Module& network) { return network.parameters().front().device(); }

/// A copy of the numbers on that device.
inline torch::Tensor tensor_of(const std::vector<float>& values, torch::IntArrayRef shape, torch::Device device) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat).to(device, torch::kFloat, false, true);
}

}  // namespace fkp
