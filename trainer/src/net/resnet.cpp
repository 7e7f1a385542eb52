// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/resnet.h"

#include <string>

#include "net/layers.h"

namespace fkp {
namespace {

namespace nn = torch::nn;

torch::Tensor activated(const torch::Tensor& x, double leaky) { return leaky > 0 ? torch::leaky_relu(x, leaky) : torch::relu(x); }

torch::Tensor conv_norm_activation(nn::Conv2d& conv, nn::BatchNorm2d& norm, const torch::Tensor& x, double leaky) {
  const auto y = normalised(*norm, convolved(*conv, x), leaky == 0);
  return leaky > 0 ? torch::leaky_relu(y, leaky) : y;
}

nn::Conv2d conv(int in, int out, int kernel, int stride) {
  nn::Conv2d conv(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
  nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut, torch::kReLU);
  return conv;
}

struct BasicBlockImpl : nn::Module {
  BasicBlockImpl(int in, int out, int stride, double leaky) : leaky_(leaky) {
    conv1 = register_module("conv1", conv(in, out, 3, stride));
    bn1 = register_module("bn1", nn::BatchNorm2d(out));
    conv2 = register_module("conv2", conv(out, out, 3, 1));
    bn2 = register_module("bn2", nn::BatchNorm2d(out));
    if (stride != 1 || in != out)
      downsample = register_module("downsample", nn::Sequential(conv(in, out, 1, stride), nn::BatchNorm2d(out)));
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const auto inner = normalised(*bn2, convolved(*conv2, conv_norm_activation(conv1, bn1, x, leaky_)), false);
    return activated(inner + (downsample ? through(*downsample, x) : x), leaky_);
  }
  nn::Conv2d conv1{nullptr}, conv2{nullptr};
  nn::BatchNorm2d bn1{nullptr}, bn2{nullptr};
  nn::Sequential downsample{nullptr};
  double leaky_;
};
TORCH_MODULE(BasicBlock);

}  // namespace

ResNetImpl::ResNetImpl(int channels, const std::array<int, 4>& blocks, double leaky) : leaky_(leaky) {
  conv1 = register_module("conv1", conv(channels, 64, 7, 2));
  bn1 = register_module("bn1", nn::BatchNorm2d(64));
  int in = 64;
  for (std::size_t i = 0; i < blocks.size(); i++) {
    const int out = 64 << i;
    nn::Sequential stage;
    for (int block = 0; block < blocks[i]; block++, in = out) stage->push_back(BasicBlock(in, out, block == 0 && i > 0 ? 2 : 1, leaky));
    stages_[i] = register_module("layer" + std::to_string(i + 1), stage);
  }
}

torch::Tensor ResNetImpl::forward(torch::Tensor x) {
  x = torch::max_pool2d(conv_norm_activation(conv1, bn1, x, leaky_), 3, 2, 1);
  for (auto& stage : stages_) x = stage->forward(x);
  return x.mean({2, 3});
}

}  // namespace fkp
