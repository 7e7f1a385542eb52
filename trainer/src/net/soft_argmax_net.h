// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "net/point_net.h"

namespace fkp {

/// A plain convolutional network with a soft-argmax head (integral regression: Sun et al., ECCV 2018; DSNT: Nibali et al.,
/// 2018). Each stage halves the resolution; a head sums the third and all later stages and outputs one map per point, at an eighth
/// of the input's resolution; a point is the mean position under the softmax of its map. A second map per point, averaged under the
/// same softmax, gives its confidence; the mean of the last stage's maps gives the face score. With `shape`, a perceptron takes all
/// these points and that mean and corrects each point: well visible points tell where in the face's shape the others lie.
class SoftArgmaxNetImpl : public PointNet {
 public:
  SoftArgmaxNetImpl(const NetworkSpec& spec, cv::Size input, int points);

  NetOutput forward(const torch::Tensor& crops) override;
  std::vector<std::string> last() const override { return {"maps", "doubts", "shape"}; }

 private:
  torch::Tensor correction(const torch::Tensor& points, const torch::Tensor& mean);

  torch::nn::Sequential fine_, join_, shape_, score_{nullptr};
  torch::nn::ModuleList coarse_, tops_;
  torch::nn::Conv2d lateral_{nullptr}, maps_{nullptr}, doubts_{nullptr};
  torch::Tensor grid_;  // [2, cells], crop pixels
  torch::Tensor half_;  // [2], half the input's width and height; only with `shape`
};

}  // namespace fkp
