// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/quick_layers.h"

#include <gtest/gtest.h>

#include "net/layers.h"

namespace fkp {
namespace {

namespace nn = torch::nn;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

/// Up to 1e-4 of the largest value, the rounding error of float sums over a batch.
void expect_same(const torch::Tensor& found, const torch::Tensor& wanted, const std::string& what) {
  EXPECT_LE((found - wanted).abs().max().item<double>(), 1e-4 * wanted.abs().max().item<double>()) << what;
}

/// Compares both implementations on the same crops, with the gradients of the crops and of all weights.
void expect_same(nn::Module& layer, const torch::Tensor& x, const std::function<torch::Tensor(const torch::Tensor&)>& quick,
                 const std::function<torch::Tensor(const torch::Tensor&)>& plain) {
  std::vector<torch::Tensor> inputs = layer.parameters();
  inputs.push_back(x);
  const auto y = plain(x), by = torch::randn_like(y), y_quick = quick(x);
  expect_same(y_quick, y, "output");
  const auto wanted = torch::autograd::grad({y}, inputs, {by}), found = torch::autograd::grad({y_quick}, inputs, {by});
  for (std::size_t i = 0; i < inputs.size(); i++) expect_same(found[i], wanted[i], "gradient " + std::to_string(i));
}

torch::Tensor drawn(torch::IntArrayRef sizes, at::MemoryFormat format = kChannelsLast) {
  return torch::randn(sizes).contiguous(format).requires_grad_();
}

TEST(QuickLayers, ConvolveAsPyTorchDoes) {
  torch::manual_seed(1);
  for (const auto& [in, out, size] : {std::tuple{32, 32, 16}, {64, 64, 12}, {32, 64, 9}, {128, 128, 3}, {24, 32, 8}, {16, 16, 8}}) {
    SCOPED_TRACE(std::to_string(in) + " to " + std::to_string(out));
    nn::Conv2d conv(nn::Conv2dOptions(in, out, 3).padding(1).bias(false));
    const auto convolve = [&](const torch::Tensor& x) { return convolved(*conv, x); };
    const auto plain = [&](const torch::Tensor& x) { return conv->forward(x); };
    expect_same(*conv, drawn({4, in, size, size}, at::MemoryFormat::Contiguous), convolve, plain);
    conv->weight.set_data(conv->weight.contiguous(kChannelsLast));
    expect_same(*conv, drawn({4, in, size, size + 2}), convolve, plain);
  }
}

TEST(QuickLayers, NormaliseAsPyTorchDoes) {
  torch::manual_seed(2);
  for (const int channels : {16, 64, 20}) {
    for (const bool relu : {false, true}) {
      SCOPED_TRACE(std::to_string(channels) + (relu ? " with ReLU" : ""));
      nn::BatchNorm2d quick(channels), plain(channels);
      const torch::NoGradGuard no_grad;
      quick->weight.uniform_(0.5, 2);
      quick->bias.normal_();
      plain->weight.copy_(quick->weight);
      plain->bias.copy_(quick->bias);
      const at::AutoGradMode with_grad(true);
      const auto x = drawn({4, channels, 7, 5});
      const auto normalise = [&](const torch::Tensor& x) { return normalised(*quick, x * 3 + 1, relu); };
      expect_same(*quick, x, normalise, [&](const torch::Tensor& x) {
        plain->forward(x * 3 + 1);  // only for its running statistics
        const auto y = torch::batch_norm(x * 3 + 1, quick->weight, quick->bias, {}, {}, true, 0, plain->options.eps(), true);
        return relu ? torch::relu(y) : y;
      });
      for (const char* name : {"running_mean", "running_var", "num_batches_tracked"})
        expect_same(quick->named_buffers()[name].to(torch::kFloat), plain->named_buffers()[name].to(torch::kFloat), name);
    }
  }
}

TEST(QuickLayers, AreAsExactInHalfTheBits) {
  torch::manual_seed(3);
  nn::BatchNorm2d norm(32);
  const auto x = drawn({4, 32, 8, 8}), wanted = normalised(*norm, x, true), found = normalised(*norm, x.to(torch::kBFloat16), true);
  ASSERT_EQ(found.scalar_type(), torch::kBFloat16);
  EXPECT_LE((found.to(torch::kFloat) - wanted).abs().max().item<double>(), 0.03);
  const auto by = torch::randn_like(wanted);
  const auto of_wanted = torch::autograd::grad({wanted}, {x}, {by})[0],
             of_found = torch::autograd::grad({found}, {x}, {by.to(torch::kBFloat16)})[0];
  EXPECT_LE((of_found - of_wanted).norm().item<double>(), 0.02 * of_wanted.norm().item<double>());
}

TEST(QuickLayers, FollowOneAnother) {
  torch::manual_seed(4);
  nn::Sequential layers;
  add_conv(layers, 32, 32, 1);
  add_conv(layers, 32, 48, 2, false);
  const auto x = drawn({2, 32, 8, 8});
  expect_same(through(*layers, x), layers->forward(x), "in training");
  layers->eval();
  EXPECT_TRUE(torch::equal(through(*layers, x), layers->forward(x))) << "in evaluation";
}

}  // namespace
}  // namespace fkp
