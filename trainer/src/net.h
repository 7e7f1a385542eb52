// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <tuple>

#include "recipe.h"

namespace fkp {

/// What the network says of a batch of N crops.
struct NetOutput {
  torch::Tensor points;      ///< [N, K, 2], crop pixels
  torch::Tensor confidence;  ///< [N, K], logits
  torch::Tensor score;       ///< [N], logits: is there a face, placed well enough to be followed
  torch::Tensor log_maps;    ///< [N, K, cells], logarithm of the maps; when training only
  torch::Tensor grid;        ///< [2, cells], the cells' centres, crop pixels
};

/// A plain convolutional network with a soft-argmax head (integral regression: Sun et al., ECCV 2018; DSNT: Nibali et al.,
/// 2018). Each stage halves the picture; the third and all that follow join in a head that makes a map for each point on a
/// grid of an eighth of the input; a point is the mean position under the softmax of its map. A second map a point, read
/// under the same softmax, gives its confidence; the mean of the last stage gives the face score.
class SoftArgmaxNetImpl : public torch::nn::Module {
 public:
  SoftArgmaxNetImpl(const NetworkSpec& spec, int points);

  /// `crops`: [N, 1, input, input], from −1 (black) to 1 (white).
  NetOutput forward(const torch::Tensor& crops);

 private:
  torch::nn::Sequential fine_, join_, score_{nullptr};
  torch::nn::ModuleList coarse_, tops_;
  torch::nn::Conv2d lateral_{nullptr}, maps_{nullptr}, doubts_{nullptr};
  torch::Tensor grid_;  // [2, cells], crop pixels
};
TORCH_MODULE(SoftArgmaxNet);

/// Writes the network as a TorchScript archive that maps crops to (points with confidence [N, K, 3], score [N]), with
/// `description` inside as fkp.json. Written beside and renamed: the file is whole or not there.
void export_network(SoftArgmaxNetImpl& network, int input, const std::string& description, const std::filesystem::path& file);

}  // namespace fkp
