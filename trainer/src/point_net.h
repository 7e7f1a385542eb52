// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "recipe.h"

namespace fkp {

/// What a network says of a batch of N crops. What it does not say is not defined.
struct NetOutput {
  torch::Tensor points;      ///< [N, K, 2], crop pixels
  torch::Tensor confidence;  ///< [N, K], logits
  torch::Tensor score;       ///< [N], logits: is there a face, placed well enough to be followed
  torch::Tensor maps;        ///< [N, K, rows, columns], as the network gives them; when training only
  torch::Tensor grid;        ///< [2, rows, columns], the cells' centres, crop pixels; with maps
  torch::Tensor log_sum;     ///< [N, K], as MapReading has it; with maps that are read under their softmax
  bool peaks = false;        ///< a point is the place of its map's greatest value, which teaches nothing, not a mean under its softmax
};

/// A network that finds points.
class PointNet : public torch::nn::Module {
 public:
  /// `crops`: [N, 1, height, width], black and white as the recipe says.
  virtual NetOutput forward(const torch::Tensor& crops) = 0;

  /// The modules whose size depends on how many points there are.
  virtual std::vector<std::string> last() const = 0;
};

/// The recipe's network, its weights fresh: drawn from torch's generator. Throws Error (unreadable) for layers that do not fit.
std::shared_ptr<PointNet> make_point_net(const Recipe& recipe);

/// Reads points from maps [N, K, cells] by the mean under their softmax (integral regression: Sun et al., ECCV 2018), or by their
/// greatest value.
torch::Tensor mean_points(const torch::Tensor& maps, const torch::Tensor& grid);
torch::Tensor peak_points(const torch::Tensor& maps, const torch::Tensor& grid);

/// [2, cells]: the centres, in pixels of a crop of `input`, of the cells of maps that cover it.
torch::Tensor cell_centers(cv::Size input, cv::Size maps);

/// Writes the network as a TorchScript archive that maps crops of `input` to points [N, K, 2] in crop pixels, with a confidence
/// each [N, K, 3] where it gives one, and beside them the score [N] where it gives one; with `description` inside as fkp.json.
/// Written beside and renamed: the file is whole or not there.
void export_network(PointNet& network, cv::Size input, const std::string& description, const std::filesystem::path& file);

}  // namespace fkp
