// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "recipe/recipe.h"

namespace fkp {

/// A network's output for a batch of N crops. Tensors that it does not give are undefined.
struct NetOutput {
  torch::Tensor points;      ///< [N, K, 2], crop pixels
  torch::Tensor confidence;  ///< [N, K], logits
  torch::Tensor score;       ///< [N], logits: whether there is a face, placed well enough to be tracked
  torch::Tensor maps;        ///< [N, K, rows, columns], raw heat maps; only in training
  torch::Tensor grid;        ///< [2, rows, columns], the cells' centres, crop pixels; only with maps
  torch::Tensor log_sum;     ///< [N, K], as in MapReading; only with maps that are read under their softmax
  bool peaks = false;        ///< points are the argmax of their maps, which has no gradient, instead of the mean under the softmax
};

/// A network that finds points.
class PointNet : public torch::nn::Module {
 public:
  /// `crops`: [N, 1, height, width], with the recipe's values for black and white.
  virtual NetOutput forward(const torch::Tensor& crops) = 0;

  /// The modules whose size depends on the number of points.
  virtual std::vector<std::string> last() const = 0;
};

/// The recipe's network, newly initialised from torch's random generator. Throws Error (unreadable) for layers that do not fit.
std::shared_ptr<PointNet> make_point_net(const Recipe& recipe);

/// Reads points from maps [N, K, cells] as the mean under their softmax (integral regression: Sun et al., ECCV 2018), or as their
/// argmax.
torch::Tensor mean_points(const torch::Tensor& maps, const torch::Tensor& grid);
torch::Tensor peak_points(const torch::Tensor& maps, const torch::Tensor& grid);

/// [2, cells]: the centres of the cells of maps that cover a crop of size `input`, in crop pixels.
torch::Tensor cell_centers(cv::Size input, cv::Size maps);

/// Writes the network as a TorchScript archive that maps crops of size `input` to points [N, K, 2] in crop pixels, or [N, K, 3] if
/// it gives confidences, and to the score [N] too if it gives one; with `description` inside as fkp.json. Written atomically: the
/// file is complete, or as it was.
void export_network(PointNet& network, cv::Size input, const std::string& description, const std::filesystem::path& file);

}  // namespace fkp
