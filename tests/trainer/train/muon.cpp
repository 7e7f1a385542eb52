// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/muon.h"

#include <gtest/gtest.h>

namespace fkp {
namespace {

void expect_singular_values_near_one(const torch::Tensor& matrix) {
  const auto values = torch::linalg_svdvals(matrix);
  EXPECT_GT(values.min().item<float>(), 0.6f);
  EXPECT_LT(values.max().item<float>(), 1.3f);
}

TEST(OrthogonalTest, BringsSingularValuesNearOneWhicheverSideIsLonger) {
  torch::manual_seed(1);
  expect_singular_values_near_one(orthogonal(torch::randn({8, 40}) * 1e-3));
  expect_singular_values_near_one(orthogonal(torch::randn({40, 8}) * 1e3));
}

TEST(OrthogonalTest, TakesNoGradientForNone) { EXPECT_EQ(orthogonal(torch::zeros({4, 9})).abs().max().item<float>(), 0); }

TEST(MuonTest, FollowsEveryDirectionAtOnePace) {
  // The error is a thousand times steeper along the first row than along the second.
  auto weight = torch::tensor({{1.f, 0.f}, {0.f, 1.f}}).view({2, 2, 1, 1}).requires_grad_();
  const auto steep = torch::tensor({1000.f, 1.f}).view({2, 1, 1, 1});
  Muon muon({weight}, 0);
  (weight.square() * steep).sum().backward();
  muon.step(0.1);
  const auto moved = 1 - weight.detach().view({2, 2}).diagonal();
  EXPECT_NEAR(moved[0].item<float>(), 0.1f, 0.04f);
  EXPECT_NEAR(moved[1].item<float>(), 0.1f, 0.07f);
}

TEST(MuonTest, LeavesAloneWhatHasNoGradient) {
  auto weight = torch::ones({2, 2, 1, 1}).requires_grad_();
  Muon muon({weight}, 0.5);
  muon.step(0.1);
  EXPECT_TRUE(weight.detach().equal(torch::ones({2, 2, 1, 1})));
}

}  // namespace
}  // namespace fkp
