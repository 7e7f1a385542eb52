// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <string>

namespace fkp {

/// Writes what `forward` does with the tensors of `network` as a TorchScript archive, with `description` inside as
/// fkp.json. `example` is an input to trace it with; other sizes work if `forward` takes all sizes from its tensors. Weights are
/// stored as `stored`: half precision halves the file, and the runtime converts them back. Written atomically: the file is
/// complete, or as it was.
void write_traced(torch::nn::Module& network, const torch::Tensor& example, const std::function<c10::IValue(const torch::Tensor&)>& forward,
                  const std::string& description, const std::filesystem::path& file, torch::Dtype stored = torch::kFloat);

}  // namespace fkp
