// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net.h"

namespace fkp {
namespace {

namespace nn = torch::nn;

void add_conv(nn::Sequential& to, int in, int out, int stride, bool relu = true) {
  to->push_back(nn::Conv2d(nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false)));
  to->push_back(nn::BatchNorm2d(out));
  if (relu) to->push_back(nn::ReLU());
}

struct ResidualImpl : nn::Module {
  explicit ResidualImpl(int width) {
    add_conv(body, width, width, 1);
    add_conv(body, width, width, 1, false);
    register_module("body", body);
  }
  torch::Tensor forward(const torch::Tensor& x) { return torch::relu(x + body->forward(x)); }
  nn::Sequential body;
};
TORCH_MODULE(Residual);

/// A halving convolution, then depth − 1 more: in residual pairs, an odd one first.
void add_stage(nn::Sequential& to, int in, int out, int depth) {
  add_conv(to, in, out, 2);
  if ((depth - 1) % 2) add_conv(to, out, out, 1);
  for (int i = 0; i < (depth - 1) / 2; i++) to->push_back(Residual(out));
}

}  // namespace

SoftArgmaxNetImpl::SoftArgmaxNetImpl(const NetworkSpec& spec, int points) {
  const auto& w = spec.widths;
  const auto& d = spec.depths;
  for (int i = 0; i < 3; i++) add_stage(fine_, i ? w[i - 1] : 1, w[i], d[i]);
  add_stage(coarse_, w[2], w[3], d[3]);
  add_conv(join_, spec.head, spec.head, 1);
  register_module("fine", fine_);
  register_module("coarse", coarse_);
  register_module("join", join_);
  lateral_ = register_module("lateral", nn::Conv2d(w[2], spec.head, 1));
  top_ = register_module("top", nn::Conv2d(w[3], spec.head, 1));
  maps_ = register_module("maps", nn::Conv2d(spec.head, points, 1));
  doubts_ = register_module("doubts", nn::Conv2d(spec.head, points, 1));
  score_ = register_module("score", nn::Linear(w[3], 1));

  const int cells = spec.input / 8;
  cell_ = 8;
  const auto centers = torch::arange(cells, torch::kFloat) * cell_ + (cell_ - 1) / 2;
  const auto yx = torch::meshgrid({centers, centers}, "ij");
  grid_ = register_buffer("grid", torch::stack({yx[1].flatten(), yx[0].flatten()}, 1));
}

NetOutput SoftArgmaxNetImpl::forward(const torch::Tensor& crops) {
  const auto fine = fine_->forward(crops);
  const auto coarse = coarse_->forward(fine);
  const auto up = torch::upsample_nearest2d(top_->forward(coarse), {fine.size(2), fine.size(3)});
  const auto joined = join_->forward(lateral_->forward(fine) + torch::relu(up));
  const auto weight = maps_->forward(joined).flatten(2).softmax(2);  // [N, K, cells]
  NetOutput out;
  out.points = weight.matmul(grid_);
  out.confidence = (weight * doubts_->forward(joined).flatten(2)).sum(2);
  out.score = score_->forward(coarse.mean({2, 3})).squeeze(1);
  if (is_training()) {
    const auto square = weight.matmul(grid_ * grid_);
    out.variance = (square - out.points * out.points).sum(2) / (cell_ * cell_);
  }
  return out;
}

}  // namespace fkp
