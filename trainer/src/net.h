// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "point_net.h"

namespace fkp {

/// A plain convolutional network with a soft-argmax head (integral regression: Sun et al., ECCV 2018; DSNT: Nibali et al.,
/// 2018). Each stage halves the picture; the third and all that follow join in a head that makes a map for each point on a
/// grid of an eighth of the input; a point is the mean position under the softmax of its map. A second map a point, read
/// under the same softmax, gives its confidence; the mean of the last stage gives the face score. With `shape`, a perceptron of all
/// points so found and of that mean corrects each of them: what is known of a face's shape from points that are seen well.
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
  torch::Tensor half_;  // [2], of the input's width and height, with `shape`
};

}  // namespace fkp
