// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/onednn/winograd.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <string>

namespace fkp {
namespace {

struct Case {
  std::int64_t count, inputs, outputs, rows, columns, depth;
  int tile;
  bool add, relu;
};

std::string name_of(const Case& c) {
  return std::to_string(c.count) + " pictures of " + std::to_string(c.rows) + "x" + std::to_string(c.columns) + ", " +
         std::to_string(c.inputs) + " to " + std::to_string(c.outputs) + " channels by " + std::to_string(c.depth) + ", tiles of " +
         std::to_string(c.tile) + (c.add ? ", added" : "") + (c.relu ? ", relu" : "");
}

/// [N, C, H, W] as [N, ceil(C / depth), H, W, depth].
torch::Tensor blocked(const torch::Tensor& maps, std::int64_t depth) {
  const std::int64_t channels = maps.size(1), planes = (channels + depth - 1) / depth;
  const auto padded = torch::constant_pad_nd(maps, {0, 0, 0, 0, 0, planes * depth - channels});
  return padded.view({maps.size(0), planes, depth, maps.size(2), maps.size(3)}).permute({0, 1, 3, 4, 2}).contiguous();
}

void expect_equal(const Case& c) {
  SCOPED_TRACE(name_of(c));
  torch::manual_seed(1);
  const auto input = torch::randn({c.count, c.inputs, c.rows, c.columns}), before = torch::randn({c.count, c.outputs, c.rows, c.columns});
  const auto weight = torch::randn({c.outputs, c.inputs, 3, 3}) / std::sqrt(9. * static_cast<double>(c.inputs)),
             bias = torch::randn({c.outputs});
  auto expected = torch::conv2d(input, weight, bias, 1, 1);
  if (c.add) expected = expected + before;
  if (c.relu) expected = torch::relu(expected);

  const Winograd winograd(weight.data_ptr<float>(), bias.data_ptr<float>(), c.outputs, c.inputs, c.tile);
  const auto from = blocked(input, c.depth);
  // Whatever was in the memory must not show, except what is added to.
  auto to = c.add ? blocked(before, c.depth) : torch::full_like(blocked(before, c.depth), NAN);
  const Grid grid{from.size(0) * from.size(1), c.rows, c.columns, c.depth};
  constexpr std::int64_t kBeyond = 64;
  auto scratch = torch::full({winograd.scratch(grid) + kBeyond}, NAN);
  winograd.run(from.data_ptr<float>(), grid, to.data_ptr<float>(), c.add, c.relu, scratch.data_ptr<float>());
  EXPECT_LT((to - blocked(expected, c.depth)).abs().max().item<float>(), 1e-4f);
  EXPECT_TRUE(scratch.slice(0, -kBeyond).isnan().all().item<bool>()) << "it wrote beyond its memory";
  EXPECT_GT(expected.abs().max().item<float>(), 0.5f) << "equal to nothing";
}

class WinogradTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Winograd::runs_here()) GTEST_SKIP() << "it needs AVX2";
  }
};

TEST_F(WinogradTest, ConvolvesMapsOfAnySize) {
  for (const int tile : {2, 4})
    for (const std::int64_t rows : {1, 4, 5, 16})
      for (const std::int64_t columns : {1, 7, 8, 33}) expect_equal({1, 16, 32, rows, columns, 8, tile, false, false});
}

TEST_F(WinogradTest, ConvolvesAnyNumberOfChannels) {
  for (const std::int64_t depth : {8, 16})
    for (const std::int64_t inputs : {16, 20, 72})
      for (const std::int64_t outputs : {16, 24, 36}) expect_equal({2, inputs, outputs, 9, 8, depth, 4, false, false});
}

TEST_F(WinogradTest, ConvolvesMoreTilesThanItHoldsAtOnce) {
  for (const std::int64_t depth : {8, 16}) expect_equal({3, 64, 48, 30, 26, depth, 4, true, true});
}

TEST_F(WinogradTest, AddsAndClamps) {
  for (const int tile : {2, 4})
    for (const bool add : {false, true})
      for (const bool relu : {false, true}) expect_equal({2, 32, 32, 6, 10, 8, tile, add, relu});
}

TEST_F(WinogradTest, TakesLargeTilesWhereTheyPay) {
  EXPECT_EQ(Winograd::tile_for(1, 16, 16), 4);
  EXPECT_EQ(Winograd::tile_for(1, 4, 4), 2) << "the weights would be read for one tile";
  EXPECT_EQ(Winograd::tile_for(8, 4, 4), 4);
  EXPECT_EQ(Winograd::tile_for(32, 2, 2), 2) << "most of each tile would lie outside";
}

}  // namespace
}  // namespace fkp
