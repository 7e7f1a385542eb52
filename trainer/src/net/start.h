// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fkp {

/// Loads a network's weights from a file: a model or a checkpoint of fkp-train, or a state_dict saved by PyTorch. Tensors are
/// matched by name; torchvision's names match the layer "resnet" and the last linear layer. If the file's first convolution takes
/// colour and the network's takes grey, its three input channels are summed. The modules named in `last`, which output the
/// points, keep their initial weights if absent or of another size; this is logged. Throws Error (not_found, unreadable), and
/// Error (mismatch) that names every other tensor that is missing or of another size.
void start_from(torch::nn::Module& network, const std::vector<std::string>& last, const std::filesystem::path& file);

}  // namespace fkp
