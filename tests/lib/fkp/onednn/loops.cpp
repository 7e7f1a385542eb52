// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/onednn/loops.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace fkp {
namespace {

constexpr std::int64_t kDepths[] = {1, 8, 13, 16, 24};

torch::Tensor numbers(const Grid& grid) {
  torch::manual_seed(1);
  return torch::randn({grid.planes, grid.rows, grid.columns, grid.depth});
}

/// [planes, rows, columns, depth] as libtorch's layers want it, and back.
torch::Tensor channels_first(const torch::Tensor& maps) { return maps.permute({0, 3, 1, 2}); }
torch::Tensor channels_last(const torch::Tensor& maps) { return maps.permute({0, 2, 3, 1}).contiguous(); }

float largest_difference(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<float>(); }

TEST(Loops, PoolBlocksOfEachPixel) {
  for (const std::int64_t depth : kDepths) {
    const Grid large{2, 6, 8, depth}, small{2, 2, 4, depth};
    const auto from = numbers(large);
    auto to = torch::empty({small.planes, small.rows, small.columns, depth});
    pool(from.data_ptr<float>(), large, to.data_ptr<float>(), small);
    EXPECT_TRUE(to.equal(channels_last(torch::max_pool2d(channels_first(from), {3, 2})))) << depth;
  }
}

TEST(Loops, UpsampleAddAndClamp) {
  for (const std::int64_t depth : kDepths)
    for (const bool add : {false, true})
      for (const bool relu : {false, true}) {
        const Grid small{2, 2, 4, depth}, large{2, 6, 8, depth};
        const auto from = numbers(small), before = numbers(large);
        auto to = before.clone(), expected = channels_last(torch::upsample_nearest2d(channels_first(from), {6, 8}));
        upsample(from.data_ptr<float>(), small, to.data_ptr<float>(), large, add, relu);
        if (add) expected = expected + before;
        if (relu) expected = torch::relu(expected);
        EXPECT_TRUE(to.equal(expected)) << depth << add << relu;
      }
}

TEST(Loops, MakeASoftmaxOverEachMap) {
  for (const std::int64_t depth : kDepths) {
    const Grid grid{3, 5, 4, depth};
    const auto from = numbers(grid);
    auto to = torch::empty_like(from);
    subtract_maxima(from.data_ptr<float>(), to.data_ptr<float>(), grid);
    EXPECT_TRUE(to.equal(from - from.amax({1, 2}, true))) << depth;
    to.exp_();
    divide_by_sums(to.data_ptr<float>(), grid);
    EXPECT_LT(largest_difference(to, torch::softmax(from.flatten(1, 2), 1).view_as(from)), 1e-6f) << depth;
  }
}

TEST(Loops, SumByRowsAndByOtherMaps) {
  for (const std::int64_t depth : kDepths) {
    const Grid grid{3, 5, 4, depth};
    const auto from = numbers(grid), rows = torch::randn({2, grid.cells()}), other = torch::randn_like(from);
    auto by_rows = torch::empty({grid.planes, 2, depth}), by_other = torch::empty({grid.planes, depth});
    sum_by_rows(from.data_ptr<float>(), grid, rows.data_ptr<float>(), 2, by_rows.data_ptr<float>());
    EXPECT_LT(largest_difference(by_rows, torch::matmul(rows, from.flatten(1, 2))), 1e-5f) << depth;
    sum_products(from.data_ptr<float>(), other.data_ptr<float>(), grid, by_other.data_ptr<float>());
    EXPECT_LT(largest_difference(by_other, (from * other).sum({1, 2})), 1e-5f) << depth;
  }
}

}  // namespace
}  // namespace fkp
