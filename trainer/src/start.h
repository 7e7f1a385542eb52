// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fkp {

/// Gives a network the weights of a file: a model or a checkpoint of fkp-train, or a state_dict that PyTorch saved. Tensors find
/// each other by name; torchvision's names are those of the layer "resnet" and of the last linear layer. Where the file's first
/// convolution takes colours and the network's greys, its three input channels are added up; the modules named `last`, which
/// give the points, stay fresh where their size differs, and this is logged. Throws Error (not_found, unreadable), and Error
/// (mismatch) that names each other tensor that is missing or of another size.
void start_from(torch::nn::Module& network, const std::vector<std::string>& last, const std::filesystem::path& file);

}  // namespace fkp
