// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/soft_argmax_net.h"

#include "net/autocast.h"
#include "net/layers.h"
#include "net/map_reading.h"

namespace fkp {
namespace {

namespace nn = torch::nn;

constexpr int kStride = 8;  // of the head's grid, crop pixels

struct ResidualImpl : nn::Module {
  explicit ResidualImpl(int width) {
    add_conv(body, width, width, 1);
    add_conv(body, width, width, 1, false);
    register_module("body", body);
  }
  torch::Tensor forward(const torch::Tensor& x) { return torch::relu(x + through(*body, x)); }
  nn::Sequential body;
};
TORCH_MODULE(Residual);

/// A convolution that halves the resolution, or follows a pooling that does, then depth − 1 more: in residual pairs, preceded by
/// a single one if their number is odd.
void add_stage(nn::Sequential& to, int in, int out, int depth, bool pooled) {
  const bool first = in == 1;
  pooled = pooled && !first;
  if (pooled) to->push_back(nn::MaxPool2d(2));
  add_conv(to, in, out, pooled ? 1 : 2, true, first ? 5 : 3);
  if ((depth - 1) % 2) add_conv(to, out, out, 1);
  for (int i = 0; i < (depth - 1) / 2; i++) to->push_back(Residual(out));
}

}  // namespace

SoftArgmaxNetImpl::SoftArgmaxNetImpl(const NetworkSpec& spec, cv::Size input, int points) {
  const auto& w = spec.widths;
  const auto& d = spec.depths;
  const std::size_t stages = w.size(), fine = 3;  // the third stage reaches the head's stride
  for (std::size_t i = 0; i < fine; i++) add_stage(fine_, i ? w[i - 1] : 1, w[i], d[i], spec.pooled);
  register_module("fine", fine_);
  lateral_ = register_module("lateral", nn::Conv2d(w[fine - 1], spec.head, 1));
  for (std::size_t i = fine; i < stages; i++) {
    nn::Sequential stage;
    add_stage(stage, w[i - 1], w[i], d[i], spec.pooled);
    coarse_->push_back(stage);
    tops_->push_back(nn::Conv2d(w[i], spec.head, 1));
  }
  register_module("coarse", coarse_);
  register_module("tops", tops_);
  add_conv(join_, spec.head, spec.head, 1);
  register_module("join", join_);
  maps_ = register_module("maps", nn::Conv2d(spec.head, points, 1));
  doubts_ = register_module("doubts", nn::Conv2d(spec.head, points, 1));
  score_ = register_module("score", nn::Sequential(nn::Linear(w.back(), spec.head), nn::ReLU(), nn::Linear(spec.head, 1)));
  if (spec.shape > 0) {
    shape_->push_back(nn::Linear(2 * points + w.back(), spec.shape));
    shape_->push_back(nn::ReLU());
    shape_->push_back(nn::Linear(spec.shape, 2 * points));
    const torch::NoGradGuard no_grad;
    shape_[2]->as<nn::Linear>()->weight.zero_();
    shape_[2]->as<nn::Linear>()->bias.zero_();
    register_module("shape", shape_);
    half_ = register_buffer("half", torch::tensor({input.width / 2.f, input.height / 2.f}));
  }
  grid_ = register_buffer("grid", cell_centers(input, input / kStride));
}

NetOutput SoftArgmaxNetImpl::forward(const torch::Tensor& crops) {
  auto x = through(*fine_, crops);
  auto sum = lateral_->forward(x);
  for (std::size_t i = 0; i < coarse_->size(); i++) {
    x = through(*coarse_[i]->as<nn::Sequential>(), x);
    sum = sum + torch::upsample_nearest2d(torch::relu(tops_[i]->as<nn::Conv2d>()->forward(x)), {sum.size(2), sum.size(3)});
  }
  const auto joined = through(*join_, sum);
  // [N, K, rows, columns]
  const auto maps = in_float(maps_->forward(joined)), doubts = in_float(doubts_->forward(joined));
  const auto mean = x.mean({2, 3});
  NetOutput out;
  if (is_training()) {
    out.maps = maps;
    out.grid = grid_.view({2, maps.size(2), maps.size(3)});
    const MapReading reading = read_maps(maps, doubts, out.grid);
    out.points = reading.points;
    out.confidence = reading.mean;
    out.log_sum = reading.log_sum;
  } else {
    const auto weight = maps.flatten(2).softmax(2);
    // A product and a sum: a matrix product takes five times as long if libtorch has only the reference BLAS.
    out.points = (weight.unsqueeze(2) * grid_).sum(3);
    out.confidence = (weight * doubts.flatten(2)).sum(2);
  }
  out.score = in_float(score_->forward(mean)).squeeze(1);
  if (!shape_->is_empty()) out.points = out.points + correction(out.points.flatten(1), mean).view({-1, out.points.size(1), 2});
  return out;
}

/// The perceptron works on points scaled to −1 to 1. The scaling is applied to its weights, not to the points: freezing the graph
/// precomputes that.
torch::Tensor SoftArgmaxNetImpl::correction(const torch::Tensor& points, const torch::Tensor& mean) {
  const NoAutocast exact;
  const auto *first = shape_[0]->as<nn::Linear>(), *second = shape_[2]->as<nn::Linear>();
  const auto half = half_.repeat(points.size(1) / 2);
  const auto of_points = first->weight.narrow(1, 0, half.size(0)), of_mean = first->weight.narrow(1, half.size(0), mean.size(1));
  const auto hidden =
      torch::relu(torch::linear(points, of_points / half, first->bias - of_points.sum(1)) + torch::linear(in_float(mean), of_mean));
  return torch::linear(hidden, second->weight * half.unsqueeze(1), second->bias * half);
}

}  // namespace fkp
