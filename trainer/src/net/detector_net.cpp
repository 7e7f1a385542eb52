// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/detector_net.h"

#include <cmath>

#include "net/autocast.h"
#include "net/layers.h"

namespace fkp {
namespace {

namespace nn = torch::nn;

constexpr double kFacesAtFirst = 0.01;          // initial score: most cells show no face (Lin et al., ICCV 2017, section 3.3)
constexpr double kWidth = 2.5, kHeight = 3.25;  // initial box, in strides

void add_stage(nn::Sequential& to, int in, int out, int depth) {
  add_conv(to, in, out, 2);
  for (int i = 1; i < depth; i++) add_conv(to, out, out, 1);
}

nn::Conv2d head(int in, int points) {
  nn::Conv2d conv(nn::Conv2dOptions(in, 5 + 2 * points, 1));
  const torch::NoGradGuard no_grad;
  conv->weight.normal_(0, 0.01);
  conv->bias.zero_();
  conv->bias[0] = -std::log((1 - kFacesAtFirst) / kFacesAtFirst);
  conv->bias[3] = std::log(kWidth);
  conv->bias[4] = std::log(kHeight);
  return conv;
}

/// By a factor, not to a size, which a trace would make constant.
torch::Tensor doubled(const torch::Tensor& x) {
  const std::vector<double> factors{2, 2};
  return torch::upsample_nearest2d(x, c10::nullopt, factors);
}

}  // namespace

DetectorNetImpl::DetectorNetImpl(const DetectorSpec& spec, int points) {
  const auto& w = spec.widths;
  const auto& d = spec.depths;
  // On one channel a large kernel is cheap.
  add_conv(quarter_, 1, w[0], 2, true, 5);
  for (int i = 1; i < d[0]; i++) add_conv(quarter_, w[0], w[0], 1);
  add_stage(quarter_, w[0], w[1], d[1]);
  add_stage(eighth_, w[1], w[2], d[2]);
  add_stage(sixteenth_, w[2], w[3], d[3]);
  add_stage(thirty_second_, w[3], w[4], d[4]);
  register_module("quarter", quarter_);
  register_module("eighth", eighth_);
  register_module("sixteenth", sixteenth_);
  register_module("thirty_second", thirty_second_);
  top16_ = register_module("top16", nn::Conv2d(w[4], w[3], 1));
  add_conv(join16_, w[3], w[3], 1);
  register_module("join16", join16_);
  top8_ = register_module("top8", nn::Conv2d(w[3], w[2], 1));
  add_conv(join8_, w[2], w[2], 1);
  register_module("join8", join8_);
  for (int width : {w[2], w[3], w[4]}) heads_->push_back(head(width, points));
  register_module("heads", heads_);
}

std::vector<torch::Tensor> DetectorNetImpl::forward(const torch::Tensor& pictures) {
  const auto at8 = through(*eighth_, through(*quarter_, pictures));
  const auto at16 = through(*sixteenth_, at8);
  const auto at32 = through(*thirty_second_, at16);
  const auto joined16 = through(*join16_, at16 + doubled(top16_->forward(at32)));
  const auto joined8 = through(*join8_, at8 + doubled(top8_->forward(joined16)));
  const auto said = [&](int i, const torch::Tensor& x) { return in_float(heads_[i]->as<nn::Conv2d>()->forward(x)); };
  return {said(0, joined8), said(1, joined16), said(2, at32)};
}

void DetectorNetImpl::take(const DetectorNetImpl& other) {
  const torch::NoGradGuard no_grad;
  const auto copy = [](const std::vector<torch::Tensor>& to, const std::vector<torch::Tensor>& from) {
    for (std::size_t i = 0; i < to.size(); i++) to[i].copy_(from[i]);
  };
  copy(parameters(), other.parameters());
  copy(buffers(), other.buffers());
}

void DetectorNetImpl::lower_scores(double by) {
  const torch::NoGradGuard no_grad;
  for (const auto& head : *heads_) head->as<nn::Conv2d>()->bias[0] -= by;
}

}  // namespace fkp
