// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/onednn/plan.h"

#include <gtest/gtest.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/torch.h>

#include <string>

namespace fkp {
namespace {

using torch::jit::Graph;

class PlanTest : public testing::Test {
 protected:
  /// A module from TorchScript; `weights` are the shapes of its parameters w0, w1 …, with biases b0, b1 ….
  static torch::jit::Module network(const std::string& body, const std::vector<std::vector<std::int64_t>>& weights) {
    torch::manual_seed(1);
    torch::jit::Module module("net");
    for (std::size_t i = 0; i < weights.size(); i++) {
      double fan = 1;
      for (std::size_t d = 1; d < weights[i].size(); d++) fan *= static_cast<double>(weights[i][d]);
      module.register_parameter("w" + std::to_string(i), torch::randn(weights[i]) / std::sqrt(fan), false);
      module.register_parameter("b" + std::to_string(i), torch::randn(weights[i][0]), false);
    }
    module.register_attribute("training", c10::BoolType::get(), false);
    module.define("def forward(self, x):\n" + body);
    module.eval();
    return module;
  }

  /// Expects the same output from the plan and the rest of the graph as from libtorch, for several batch sizes. Returns how many operations
  /// are left in the rest.
  static int expect_equal(const torch::jit::Module& module, int channels = 1) {
    if (Plan::knows_bfloat16()) expect_equal(module, channels, true);
    return expect_equal(module, channels, false);
  }

  static int expect_equal(torch::jit::Module module, int channels, bool bfloat16) {
    const c10::InferenceMode inference;
    const std::vector<std::int64_t> sides{32, 48};
    auto graph = torch::jit::freeze(module).get_method("forward").graph()->copy();
    const auto plan = Plan::take(*graph, torch::zeros({1, channels, sides[0], sides[1]}), bfloat16);
    if (!plan) {
      ADD_FAILURE() << "it took nothing";
      return -1;
    }
    torch::jit::GraphFunction rest("rest", graph, nullptr, torch::jit::ExecutorExecutionMode::SIMPLE);
    for (const std::int64_t count : {1, 3, 1}) {
      const auto input = torch::randn({count, channels, sides[0], sides[1]});
      torch::jit::Stack stack = plan->run(input);
      rest.run(stack);
      expect_close(stack.at(0), module.forward({input}), bfloat16);
    }
    int left = 0;
    for (const auto* node : graph->nodes()) left += std::string(node->kind().toQualString()).rfind("aten::", 0) == 0;
    return left;
  }

  static void expect_close(const c10::IValue& found, const c10::IValue& expected, bool bfloat16) {
    if (expected.isTuple()) {
      const auto &a = found.toTupleRef().elements(), &b = expected.toTupleRef().elements();
      ASSERT_EQ(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); i++) expect_close(a[i], b[i], bfloat16);
      return;
    }
    ASSERT_EQ(found.toTensor().sizes(), expected.toTensor().sizes());
    const float largest = expected.toTensor().abs().max().item<float>();
    EXPECT_GT(largest, 1e-3f) << "equal to nothing";
    EXPECT_LT((found.toTensor() - expected.toTensor()).abs().max().item<float>(), bfloat16 ? 0.03f * largest : 1e-4f);
  }
};

TEST_F(PlanTest, ConvolvesWithReluInside) {
  EXPECT_EQ(expect_equal(network("  return torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [2, 2]))\n", {{16, 1, 5, 5}})), 0);
}

TEST_F(PlanTest, TakesAnyNumberOfChannels) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [1, 1], [1, 1]))\n"
                                 "  return torch.conv2d(x, self.w1, self.b1)\n",
                                 {{20, 3, 3, 3}, {7, 20, 1, 1}}),
                         3),
            0);
}

TEST_F(PlanTest, AddsWithinAConvolution) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [1, 1]))\n"
                                 "  y = torch.relu(torch.conv2d(x, self.w1, self.b1, [1, 1], [1, 1]))\n"
                                 "  return torch.relu(x + torch.conv2d(y, self.w2, self.b2, [1, 1], [1, 1]))\n",
                                 {{16, 1, 3, 3}, {16, 16, 3, 3}, {16, 16, 3, 3}})),
            0);
}

TEST_F(PlanTest, ConvolvesManyChannels) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [1, 1]))\n"
                                 "  y = torch.relu(torch.conv2d(x, self.w1, self.b1, [1, 1], [1, 1]))\n"
                                 "  x = torch.relu(x + torch.conv2d(y, self.w2, self.b2, [1, 1], [1, 1]))\n"
                                 "  x = torch.relu(torch.conv2d(x, self.w3, self.b3, [1, 1], [1, 1]))\n"
                                 "  return torch.conv2d(x, self.w4, self.b4)\n",
                                 {{64, 1, 3, 3}, {64, 64, 3, 3}, {64, 64, 3, 3}, {96, 64, 3, 3}, {4, 96, 3, 3}})),
            0);
}

TEST_F(PlanTest, PadsConvolutionsInAnyWay) {
  for (const char* padding : {"[0, 0]", "[1, 0]", "[1, 1]", "[2, 2]"})
    EXPECT_EQ(expect_equal(network(std::string("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [1, 1]))\n"
                                               "  return torch.conv2d(x, self.w1, self.b1, [1, 1], ") +
                                       padding + ")\n",
                                   {{32, 1, 3, 3}, {32, 32, 3, 3}})),
              0)
        << padding;
}

TEST_F(PlanTest, GivesEachConvolutionItsOwnBias) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [1, 1]))\n"
                                 "  x = torch.conv2d(x, self.w1, self.b1, [1, 1], [1, 1])\n"
                                 "  return torch.conv2d(x, self.w1, self.b2, [1, 1], [1, 1])\n",
                                 {{32, 1, 3, 3}, {32, 32, 3, 3}, {32, 1, 1, 1}})),
            0);
}

TEST_F(PlanTest, PoolsInAnyWay) {
  for (const char* how :
       {"[2, 2], [2, 2]", "[2, 2]", "[3, 3], [3, 3], [1, 1]", "[3, 3], [2, 2], [1, 1]", "[4, 4], [3, 3]", "[3, 3], [3, 3]"})
    // Stride and padding that make maps of 16x24, 14x22, 8x12 and 18x24: some as if blocks of the kernel's size tiled them.
    for (const char* size : {"[1, 1], [1, 1]", "[1, 1], [0, 0]", "[2, 2], [1, 1]", "[1, 1], [2, 1]"})
      EXPECT_EQ(expect_equal(network(std::string("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [1, 1]))\n"
                                                 "  x = torch.conv2d(x, self.w1, self.b1, ") +
                                         size + ")\n  return torch.max_pool2d(x, " + how + ")\n",
                                     {{16, 1, 3, 3}, {24, 16, 3, 3}})),
                0)
          << how << size;
}

TEST_F(PlanTest, KeepsAnAddendThatIsNeededLater) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [1, 1]))\n"
                                 "  y = torch.conv2d(x, self.w1, self.b1, [1, 1], [1, 1])\n"
                                 "  return torch.relu(x + y), torch.conv2d(x, self.w2, self.b2, [1, 1], [1, 1]), x\n",
                                 {{16, 1, 3, 3}, {16, 16, 3, 3}, {5, 16, 3, 3}})),
            0);
}

TEST_F(PlanTest, UpsamplesAndAdds) {
  const std::vector<std::vector<std::int64_t>> weights{{24, 1, 3, 3}, {24, 24, 3, 3}};
  for (const std::string how : {"torch.upsample_nearest2d(y, None, [2.0, 2.0])", "torch.upsample_nearest2d(y, [16, 24])"})
    EXPECT_EQ(expect_equal(network("  x = torch.conv2d(x, self.w0, self.b0, [2, 2], [1, 1])\n"
                                   "  y = torch.relu(torch.conv2d(x, self.w1, self.b1, [2, 2], [1, 1]))\n"
                                   "  return torch.relu(x + " +
                                       how + "), x\n",
                                   weights)),
              0)
        << how;
}

TEST_F(PlanTest, UpsamplesOntoSumsAndMaxima) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [1, 1], [1, 1]))\n"
                                 "  u = torch.relu(torch.conv2d(x, self.w1, self.b1, [1, 1], [1, 1]) + x)\n"
                                 "  d = torch.conv2d(u, self.w2, self.b2, [2, 2], [1, 1])\n"
                                 "  v = u + torch.upsample_nearest2d(d, None, [2.0, 2.0])\n"
                                 "  p = torch.max_pool2d(v, [2, 2], [2, 2])\n"
                                 "  q = torch.conv2d(p, self.w3, self.b3, [2, 2], [1, 1])\n"
                                 "  return torch.conv2d(p + torch.upsample_nearest2d(q, None, [2.0, 2.0]), self.w4, self.b4)\n",
                                 {{16, 1, 3, 3}, {16, 16, 3, 3}, {16, 16, 3, 3}, {16, 16, 3, 3}, {4, 16, 1, 1}})),
            0);
}

TEST_F(PlanTest, TakesChangesInPlaceThatNothingElseSees) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu_(torch.conv2d(x, self.w0, self.b0, [1, 1], [1, 1]))\n"
                                 "  return torch.conv2d(x, self.w1, self.b1).add_(x).relu_()\n",
                                 {{16, 1, 3, 3}, {16, 16, 1, 1}})),
            0);
}

TEST_F(PlanTest, LeavesAllWhereWhatIsReadElsewhereIsChangedInPlace) {
  for (const char* change : {"torch.relu_(y)", "y.add_(torch.conv2d(x, self.w0, self.b0))", "y.mul_(2)", "y[:, 0].zero_()", "y[:, 0] = 0",
                             "if bool(x.sum() > 0):\n    y.mul_(2)"}) {
    const auto module =
        network(std::string("  y = torch.conv2d(x, self.w0, self.b0)\n  ") + change + "\n  return torch.conv2d(y, self.w1, self.b1)\n",
                {{16, 1, 1, 1}, {4, 16, 1, 1}});
    auto graph = torch::jit::freeze(module).get_method("forward").graph()->copy();
    EXPECT_EQ(Plan::take(*graph, torch::zeros({1, 1, 8, 8})), nullptr) << change;
  }
}

TEST_F(PlanTest, PoolsByTheMaximum) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [3, 3]))\n"
                                 "  return torch.conv2d(torch.max_pool2d(x, [3, 3], [2, 2], [1, 1]), self.w1, self.b1)\n",
                                 {{32, 1, 7, 7}, {8, 32, 1, 1}})),
            0);
  for (const char* pool : {"torch.max_pool2d(x, 3, 2, 1)", "torch.max_pool2d(x, 2)", "torch.max_pool2d(x, [3, 3], [2])"})
    EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [3, 3]))\n"
                                   "  return torch.conv2d(" +
                                       std::string(pool) + ", self.w1, self.b1)\n",
                                   {{32, 1, 7, 7}, {8, 32, 1, 1}})),
              0)
        << pool;
}

TEST_F(PlanTest, LeavesANetworkWholeOfWhichItHasTheLesserPart) {
  auto module = network(
      "  x = torch.elu(torch.conv2d(x, self.w0, self.b0, [1, 1], [1, 1]))\n"
      "  x = torch.elu(torch.conv2d(x, self.w1, self.b1))\n"
      "  return torch.conv2d(x, self.w2, self.b2)\n",
      {{16, 1, 3, 3}, {16, 16, 1, 1}, {8, 16, 1, 1}});
  auto graph = torch::jit::freeze(module).get_method("forward").graph()->copy();
  EXPECT_EQ(Plan::take(*graph, torch::zeros({1, 1, 8, 8})), nullptr);
}

TEST_F(PlanTest, MakesPointsOfMaps) {
  const std::string maps =
      "  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [4, 4], [1, 1]))\n"
      "  maps = torch.conv2d(x, self.w1, self.b1).flatten(2)\n"
      "  doubts = torch.conv2d(x, self.w2, self.b2).flatten(2)\n"
      "  shares = torch.softmax(maps, 2)\n";
  const std::vector<std::vector<std::int64_t>> weights{{16, 1, 4, 4}, {21, 16, 1, 1}, {21, 16, 1, 1}, {2, 8 * 12}};
  for (const std::string product : {"shares.unsqueeze(2) * self.w3", "self.w3 * shares.unsqueeze(2)"})
    EXPECT_EQ(expect_equal(network(maps + "  return (" + product + ").sum(3), (shares * doubts).sum(2)\n", weights)), 0) << product;
  EXPECT_EQ(expect_equal(network(maps + "  return (shares.unsqueeze(2) * self.w3).sum(3), shares, maps\n", weights)), 0)
      << "what is needed later stays";
}

TEST_F(PlanTest, CorrectsPointsByAllOfThem) {
  const std::vector<std::vector<std::int64_t>> weights{{16, 1, 4, 4}, {21, 16, 1, 1}, {2, 8 * 12}, {9, 2 * 21}, {9, 16}, {2 * 21, 9}};
  EXPECT_EQ(expect_equal(
                network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [4, 4]))\n"
                        "  shares = torch.softmax(torch.conv2d(x, self.w1, self.b1).flatten(2), 2)\n"
                        "  points = (shares.unsqueeze(2) * self.w2).sum(3)\n"
                        "  hidden = torch.relu(torch.linear(points.flatten(1), self.w3, self.b3) + torch.linear(x.mean([2, 3]), self.w4))\n"
                        "  return points, torch.linear(hidden, self.w5, self.b5)\n",
                        weights)),
            0);
}

TEST_F(PlanTest, ScoresByLayersBehindAMean) {
  const std::vector<std::vector<std::int64_t>> weights{{16, 1, 4, 4}, {9, 16}, {3, 9}};
  const std::string x = "  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [4, 4]))\n";
  EXPECT_EQ(expect_equal(network(x + "  y = torch.relu(torch.addmm(self.b1, x.mean([2, 3]), self.w1.t()))\n"
                                     "  return torch.addmm(self.b2, y, self.w2.t()), y\n",
                                 weights)),
            0);
  EXPECT_EQ(expect_equal(network(x + "  return torch.linear(x.mean([-2, -1]), self.w1, self.b1), x.mean([2, 3], True)\n", weights)), 0);
}

TEST_F(PlanTest, LeavesSumsOfOtherKinds) {
  EXPECT_EQ(expect_equal(network(
                "  x = torch.conv2d(x, self.w0, self.b0, [4, 4])\n"
                "  y = x.flatten(2)\n"
                "  return (y * 2).sum(2), (y * y).sum(1), (y.unsqueeze(2) * y.unsqueeze(1)).sum(3), y.softmax(1), x.mean([1]), y.sum()\n",
                {{8, 1, 4, 4}})),
            11);
}

TEST_F(PlanTest, LeavesWhatItDoesNotKnow) {
  EXPECT_EQ(expect_equal(network("  x = torch.relu(torch.conv2d(x, self.w0, self.b0, [2, 2], [1, 1]))\n"
                                 "  y = torch.sigmoid(torch.conv2d(x, self.w1, self.b1))\n"
                                 "  return torch.conv2d(y, self.w2, self.b2).mean(), torch.relu(x * 2).flatten(1)\n",
                                 {{16, 1, 3, 3}, {16, 16, 1, 1}, {4, 16, 1, 1}})),
            6);
}

TEST_F(PlanTest, ConvolvesGroupsOfWholeBlocks) {
  EXPECT_EQ(expect_equal(network("  x = torch.conv2d(x, self.w0, self.b0, [1, 1], [1, 1])\n"
                                 "  y = torch.relu(torch.conv2d(x, self.w1, self.b1, [2, 2], [2, 2], [1, 1], 32))\n"
                                 "  return torch.conv2d(torch.conv2d(y, self.w2, self.b2), self.w3, self.b3, [1, 1], [1, 1], [1, 1], 2)\n",
                                 {{32, 1, 3, 3}, {32, 1, 5, 5}, {32, 32, 1, 1}, {64, 16, 3, 3}})),
            0);
}

TEST_F(PlanTest, RunsMoreShapesThanItKeeps) {
  const c10::InferenceMode inference;
  auto module = network("  return torch.relu(torch.conv2d(x, self.w0, self.b0, [1, 1], [1, 1]))\n", {{32, 32, 3, 3}});
  auto graph = torch::jit::freeze(module).get_method("forward").graph()->copy();
  const auto plan = Plan::take(*graph, torch::zeros({1, 32, 8, 8}));
  ASSERT_TRUE(plan);
  for (int round = 0; round < 2; round++)
    for (std::int64_t side = 8; side < 48; side++) {
      const auto input = torch::randn({1, 32, side, 8});
      EXPECT_LT((plan->run(input).at(0).toTensor() - module.forward({input}).toTensor()).abs().max().item<float>(), 1e-4f) << side;
    }
}

TEST_F(PlanTest, LeavesOtherGroupsAndDilations) {
  EXPECT_EQ(expect_equal(network("  x = torch.conv2d(torch.conv2d(x, self.w0, self.b0, [1, 1], [1, 1]), self.w3, self.b3)\n"
                                 "  y = torch.conv2d(x, self.w1, self.b1, [1, 1], [1, 1], [1, 1], 4)\n"
                                 "  return y + torch.conv2d(x, self.w2, self.b2, [1, 1], [2, 2], [2, 2])\n",
                                 {{16, 1, 3, 3}, {16, 4, 3, 3}, {16, 16, 3, 3}, {16, 16, 1, 1}})),
            3);
}

TEST_F(PlanTest, TakesNothingFromANetworkWithoutConvolutions) {
  const auto module = network("  return torch.sigmoid(x)\n", {});
  auto graph = torch::jit::freeze(module).get_method("forward").graph()->copy();
  EXPECT_EQ(Plan::take(*graph, torch::zeros({1, 1, 8, 8})), nullptr);
}

}  // namespace
}  // namespace fkp
