// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

namespace fkp {

using Weights = std::map<std::string, torch::Tensor>;

/// The named tensors of a TorchScript archive, of a checkpoint of fkp-train (its averaged weights) or of a state_dict as written
/// by torch.save since PyTorch 1.6. Throws Error: not_found, or unreadable.
Weights read_weights(const std::filesystem::path& file);

}  // namespace fkp
