// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/unet.h"

#include "net/layers.h"

namespace fkp {
namespace {

namespace nn = torch::nn;

nn::Sequential pair(int in, int out) {
  nn::Sequential pair;
  add_conv(pair, in, out, 1);
  add_conv(pair, out, out, 1);
  return pair;
}

}  // namespace

UNetImpl::UNetImpl(int channels, const std::vector<int>& widths, int maps) {
  for (std::size_t i = 0; i < widths.size(); i++) down_->push_back(pair(i ? widths[i - 1] : channels, widths[i]));
  for (std::size_t i = widths.size() - 1; i > 0; i--) {
    up_->push_back(nn::ConvTranspose2d(nn::ConvTranspose2dOptions(widths[i], widths[i - 1], 2).stride(2)));
    joined_->push_back(pair(2 * widths[i - 1], widths[i - 1]));
  }
  register_module("down", down_);
  register_module("up", up_);
  register_module("joined", joined_);
  maps_ = register_module("maps", nn::Conv2d(widths[0], maps, 1));
}

torch::Tensor UNetImpl::forward(torch::Tensor x) {
  std::vector<torch::Tensor> seen;
  for (std::size_t i = 0; i < down_->size(); i++) {
    x = through(*down_[i]->as<nn::Sequential>(), i ? torch::max_pool2d(x, 2) : x);
    seen.push_back(x);
  }
  seen.pop_back();
  for (std::size_t i = 0; i < up_->size(); i++, seen.pop_back())
    x = through(*joined_[i]->as<nn::Sequential>(), torch::cat({up_[i]->as<nn::ConvTranspose2d>()->forward(x), seen.back()}, 1));
  return maps_->forward(x);
}

}  // namespace fkp
