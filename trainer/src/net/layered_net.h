// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "net/layer_list.h"
#include "net/point_net.h"

namespace fkp {

/// A sequential network of layers, as listed in a recipe.
class LayeredNet : public PointNet {
 public:
  /// Throws Error (unreadable) for layers that do not fit each other, `input` or the number of points.
  LayeredNet(const NetworkSpec& spec, cv::Size input, int points);

  NetOutput forward(const torch::Tensor& crops) override;
  std::vector<std::string> last() const override;

 private:
  const std::vector<Layer> layers_;
  std::vector<torch::nn::AnyModule> modules_;  // of all layers except one that reads maps
  torch::Tensor grid_;                         // if points are read from maps
  torch::Tensor scale_, offset_;               // [2], otherwise: crop pixel = scale · output + offset
};

}  // namespace fkp
