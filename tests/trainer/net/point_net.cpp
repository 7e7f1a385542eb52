// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/point_net.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <opencv2/core.hpp>

#include "fkp/core/error.h"
#include "fkp/keypoint_net.h"
#include "net/layer_table.h"
#include "net/map_reading.h"
#include "support/files.h"
#include "train/keypoint_loss.h"
#include "train/schedule.h"

namespace fkp {
namespace {

constexpr int kBatch = 2;

Recipe recipe_of(const std::vector<std::string>& layers, cv::Size input = {32, 24}, const char* scheme_name = "mtfl-5") {
  Recipe recipe;
  recipe.scheme = scheme(scheme_name);
  recipe.crop.size = input;
  recipe.network.layers = layers;
  return recipe;
}

torch::Tensor crops_for(const Recipe& r) { return torch::rand({kBatch, 1, r.crop.size.height, r.crop.size.width}) * 2 - 1; }

Truth truth_for(const Recipe& r) {
  const auto size = torch::tensor({static_cast<float>(r.crop.size.width), static_cast<float>(r.crop.size.height)});
  return {torch::rand({kBatch, r.scheme.size(), 2}) * size, torch::ones(kBatch), torch::ones(kBatch)};
}

/// Takes two steps on synthetic crops and expects finite losses, and the same outputs from the exported file.
void expect_to_train_and_travel(const Recipe& recipe) {
  const test::TemporaryFolder folder;
  torch::manual_seed(1);
  auto net = make_point_net(recipe);
  const auto optimizer = make_optimizer(recipe.train, net->parameters());
  const auto crops = crops_for(recipe);
  const Truth truth = truth_for(recipe);
  const auto before = net->parameters().front().clone();
  for (int i = 0; i < 2; i++) {
    const auto loss = loss_of(net->forward(crops), truth, recipe.train, recipe.crop.size);
    ASSERT_TRUE(std::isfinite(loss.item<double>()));
    net->zero_grad();
    loss.backward();
    optimizer->step();
  }
  EXPECT_FALSE(torch::equal(before, net->parameters().front())) << "the first layer has learned nothing";

  net->eval();
  const torch::NoGradGuard no_grad;
  const std::string file = (folder / "net.pt").string();
  CropSpec whole = recipe.crop;
  whole.whole_picture = true;  // so that a picture of the input's size is the input
  export_network(*net, recipe.crop.size, to_json(ModelDescription{"net", recipe.scheme, whole, 0, 1, 1, 0, "{}"}), file);
  cv::Mat picture(recipe.crop.size, CV_8UC1);
  cv::RNG(3).fill(picture, cv::RNG::UNIFORM, 0, 256);
  cv::Mat seen = picture.clone();
  equalise(seen, recipe.crop.equalise);
  const auto input = torch::from_blob(seen.data, {1, 1, seen.rows, seen.cols}, torch::kUInt8).to(torch::kFloat) / 255;
  const auto expected = net->forward(input).points[0];
  const Points found = KeypointNet({file, "cpu", 1}).look({picture}, {whole_region({picture}, whole.size)})[0].points;
  const double size = std::max(picture.cols, picture.rows);
  for (int k = 0; k < recipe.scheme.size(); k++) {
    const double x = expected[k][0].item<double>(), y = expected[k][1].item<double>();
    EXPECT_NEAR(found[k].x, x, 1e-4 * std::max(size, std::abs(x))) << k;
    EXPECT_NEAR(found[k].y, y, 1e-4 * std::max(size, std::abs(y))) << k;
  }
}

TEST(PointNet, OfPlainLayersTrainsAndTravels) {
  Recipe r = recipe_of({"conv 4 5 stride 2 padding same", "batchnorm", "relu", "maxpool 2", "conv 8 3", "leakyrelu 0.1", "avgpool 2",
                        "conv 8 1", "elu", "dropout 0.2", "linear 16", "batchnorm", "tanh", "linear", "sigmoid"},
                       {48, 32});
  r.train.loss = Loss::mse;
  expect_to_train_and_travel(r);
}

TEST(PointNet, OfStagesTrainsAndTravels) {
  Recipe r = recipe_of({}, {64, 32});
  r.network.widths = {4, 8, 8, 8};
  r.network.depths = {1, 2, 3, 2};
  r.network.head = 8;
  for (const bool pooled : {false, true}) {
    for (const int shape : {0, 16}) {
      r.network.pooled = pooled;
      r.network.shape = shape;
      expect_to_train_and_travel(r);
    }
  }
}

TEST(PointNet, CorrectsNothingBeforeItHasLearnedShapes) {
  Recipe r = recipe_of({}, {32, 64});
  r.network.widths = {4, 8, 8, 8};
  r.network.depths = {1, 1, 1, 1};
  r.network.head = 8;
  r.network.shape = 16;
  auto net = make_point_net(r);
  net->eval();
  const torch::NoGradGuard no_grad;
  const auto crops = crops_for(r);
  const auto before = net->forward(crops).points;
  for (const auto& p : net->named_parameters())
    if (p.key() == "shape.2.bias") p.value()[3] = 0.25;  // in halves of the input: the second point's y
  const auto moved = net->forward(crops).points - before;
  EXPECT_NEAR(moved[0][1][1].item<double>(), 0.25 * 32, 1e-4);
  EXPECT_NEAR(moved.abs().sum().item<double>(), kBatch * 0.25 * 32, 1e-3);
}

TEST(PointNet, OfResidualBlocksTrainsAndTravels) {
  Recipe r = recipe_of({"resnet 1 1 1 1 leaky 0.1", "dropout 0.2", "linear"}, {32, 32});
  r.train.loss = Loss::smooth_l1;
  r.train.optimizer = Optimizer::adam;
  expect_to_train_and_travel(r);
}

TEST(PointNet, OfMapsTrainsAndTravels) {
  Recipe r = recipe_of({"conv 4 3 stride 2 padding same", "unet 4 8", "soft-argmax"}, {32, 48});
  for (const Loss loss : {Loss::heatmaps, Loss::wing, Loss::l1}) {
    r.train.loss = loss;
    expect_to_train_and_travel(r);
  }
  r.network.layers.back() = "argmax";
  r.train.loss = Loss::heatmaps;
  expect_to_train_and_travel(r);
}

TEST(PointNet, ThatShipsTrainsAndTravels) { expect_to_train_and_travel(recipe_of({}, {64, 48})); }

/// The output of a network whose last layer gives only its bias: 0.25 and 0.75.
NetOutput constant(const NetworkSpec& spec, cv::Size input) {
  Recipe r = recipe_of({"linear"}, input, "nose-1");
  const auto layers = r.network.layers;
  r.network = spec;
  r.network.layers = layers;
  const auto net = make_point_net(r);
  const torch::NoGradGuard no_grad;
  net->named_parameters()["fc.weight"].zero_();
  net->named_parameters()["fc.bias"].copy_(torch::tensor({0.25f, 0.75f}));
  return net->forward(crops_for(r));
}

TEST(PointNet, ReadsNumbersAsTheRecipeSays) {
  const auto unit = constant({}, {32, 24}).points[0][0];
  EXPECT_FLOAT_EQ(unit[0].item<float>(), 7.5f) << "a quarter of the way from the left edge at -0.5 to the right one at 31.5";
  EXPECT_FLOAT_EQ(unit[1].item<float>(), 17.5f);
  NetworkSpec scaled;
  scaled.unit = false;
  scaled.scale = 50;
  scaled.offset = 100;
  const auto pixels = constant(scaled, {32, 24}).points[0][0];
  EXPECT_FLOAT_EQ(pixels[0].item<float>(), 112.5f);
  EXPECT_FLOAT_EQ(pixels[1].item<float>(), 137.5f);
}

TEST(PointNet, ReadsMapsByTheirMeanOrTheirPeak) {
  const auto grid = cell_centers({32, 24}, {4, 3});
  auto maps = torch::zeros({1, 1, 12});
  maps[0][0][6] = 30;  // the third column of the second row
  for (const auto& points : {mean_points(maps, grid), peak_points(maps, grid)}) {
    EXPECT_NEAR(points[0][0][0].item<double>(), 19.5, 1e-3);
    EXPECT_NEAR(points[0][0][1].item<double>(), 11.5, 1e-3);
  }
  maps[0][0][7] = 29.9;  // its neighbour
  EXPECT_NEAR(mean_points(maps, grid)[0][0][0].item<double>(), 23.3, 0.1);
  EXPECT_NEAR(peak_points(maps, grid)[0][0][0].item<double>(), 19.5, 1e-3);
}

TEST(PointNet, DrawsItsWeightsAsTheRecipeSays) {
  Recipe r = recipe_of({"conv 16 3", "linear 64", "linear"});
  const auto largest = [&](const char* name) { return make_point_net(r)->named_parameters()[name].abs().max().item<double>(); };
  EXPECT_GT(largest("fc.bias"), 0);
  EXPECT_NEAR(largest("1.weight"), 1 / 3.0, 0.02) << "PyTorch's: 1/sqrt(fan in)";
  r.network.init = {Draw::kaiming_uniform, Draw::xavier_uniform, true};
  EXPECT_EQ(largest("fc.bias"), 0);
  EXPECT_NEAR(largest("1.weight"), std::sqrt(6 / 9.0), 0.05) << "He et al., 2015: sqrt(6/fan in)";
  EXPECT_NEAR(largest("fc.weight"), std::sqrt(6 / 74.0), 0.02) << "Glorot and Bengio, 2010: sqrt(6/(fan in + fan out))";
  r.network.init.conv = Draw::kaiming_normal;
  EXPECT_GT(largest("1.weight"), std::sqrt(6 / 9.0)) << "a normal distribution has no bound";
  r.network.init.linear = Draw::xavier_normal;
  EXPECT_GT(largest("fc.weight"), std::sqrt(6 / 74.0));
}

TEST(PointNet, NamesTheLayerThatDoesNotFit) {
  try {
    make_point_net(recipe_of({"conv 8 30", "linear"}));
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("layer 1, \"conv 8 30\": the picture is 32×24 there"));
  }
}

TEST(LayerTable, ShowsSizesAndParameters) {
  const std::string table = layer_table(recipe_of({"conv 12 3", "relu", "maxpool 2", "linear"}, {80, 60}, "nose-1"));
  EXPECT_THAT(table, testing::HasSubstr("network: 1 × 80×60 in, 1 point out"));
  EXPECT_THAT(table, testing::ContainsRegex("1  conv 12 3 +12 × 78×58 +120\n"));
  EXPECT_THAT(table, testing::ContainsRegex("4  linear +2 +27 146\n"));
  EXPECT_THAT(layer_table(recipe_of({}, {64, 64})), testing::HasSubstr("5 points out"));
}

TEST(Loss, LeavesOutWhatIsNotKnown) {
  TrainSpec spec;
  spec.loss = Loss::mse;
  NetOutput out;
  out.points = torch::zeros({1, 2, 2});
  const Truth half{torch::tensor({{{3.f, 1.f}, {std::nanf(""), std::nanf("")}}}), torch::ones(1), torch::ones(1)};
  EXPECT_FLOAT_EQ(loss_of(out, half, spec, {32, 32}).item<float>(), 5) << "the mean of 9 and 1";
  const Truth none{torch::full({1, 2, 2}, std::nanf("")), torch::ones(1), torch::ones(1)};
  EXPECT_FLOAT_EQ(loss_of(out, none, spec, {32, 32}).item<float>(), 0);
}

TEST(Loss, IsWhatPyTorchSays) {
  NetOutput out;
  out.points = torch::rand({3, 5, 2}) * 4;
  const Truth truth{torch::rand({3, 5, 2}) * 4, torch::ones(3), torch::ones(3)};
  const auto loss = [&](Loss kind) {
    TrainSpec spec;
    spec.loss = kind;
    return loss_of(out, truth, spec, {32, 32}).item<double>();
  };
  EXPECT_NEAR(loss(Loss::mse), torch::mse_loss(out.points, truth.points).item<double>(), 1e-5);
  EXPECT_NEAR(loss(Loss::l1), torch::l1_loss(out.points, truth.points).item<double>(), 1e-5);
  EXPECT_NEAR(loss(Loss::smooth_l1), torch::smooth_l1_loss(out.points, truth.points).item<double>(), 1e-5);
}

TEST(Loss, OfMapsIsLeastWhereTheGaussianIs) {
  TrainSpec spec;
  spec.loss = Loss::heatmaps;
  spec.map_sigma = 3;
  NetOutput out;
  out.grid = cell_centers({32, 32}, {16, 16}).view({2, 16, 16});
  out.points = torch::zeros({1, 1, 2});
  const Truth truth{torch::tensor({{{10.5f, 20.5f}}}), torch::ones(1), torch::ones(1)};
  const auto hill_at = [&](float x, float y) {
    return (-(out.grid - torch::tensor({x, y}).view({2, 1, 1})).square().sum(0) / 18).view({1, 1, 16, 16});
  };
  for (const bool peaks : {false, true}) {
    out.peaks = peaks;
    const auto loss = [&](float x, float y) {
      out.maps = peaks ? hill_at(x, y).exp() : hill_at(x, y);
      out.log_sum = out.maps.logsumexp({2, 3});
      return loss_of(out, truth, spec, {32, 32}).item<double>();
    };
    const double right = loss(10.5f, 20.5f);
    EXPECT_LT(right, loss(12.5f, 20.5f));
    EXPECT_LT(right, loss(10.5f, 18.5f));
    if (peaks) {
      EXPECT_NEAR(right, 0, 1e-9);
    }
  }
}

/// Maps and values that require gradients, contiguous and channels-last.
class MapReadingTest : public testing::TestWithParam<at::MemoryFormat> {
 protected:
  static torch::Tensor drawn() { return (3 * torch::randn({2, 5, 6, 4})).contiguous(GetParam()).requires_grad_(); }

  const torch::Tensor flat_ = cell_centers({32, 48}, {4, 6}), grid_ = flat_.view({2, 6, 4});
};

TEST_P(MapReadingTest, IsWhatTheOperationsSay) {
  torch::manual_seed(1);
  const auto maps = drawn(), values = drawn(), by_points = torch::randn({2, 5, 2}), by_mean = torch::randn({2, 5}),
             by_sum = torch::randn({2, 5});
  const auto compare = [&](const MapReading& read, const torch::Tensor& values_there) {
    const auto flat = maps.flatten(2);
    const auto points = mean_points(flat, flat_), log_sum = flat.logsumexp(2);
    EXPECT_TRUE(torch::allclose(read.points, points, 1e-5, 1e-4));
    EXPECT_TRUE(torch::allclose(read.log_sum, log_sum, 1e-5, 1e-5));
    auto loss = (read.points * by_points).sum() + (read.log_sum * by_sum).sum();
    auto expected = (points * by_points).sum() + (log_sum * by_sum).sum();
    std::vector<torch::Tensor> inputs{maps};
    if (values_there.defined()) {
      const auto mean = (flat.softmax(2) * values.flatten(2)).sum(2);
      EXPECT_TRUE(torch::allclose(read.mean, mean, 1e-5, 1e-5));
      loss = loss + (read.mean * by_mean).sum();
      expected = expected + (mean * by_mean).sum();
      inputs.push_back(values);
    }
    const auto found = torch::autograd::grad({loss}, inputs), wanted = torch::autograd::grad({expected}, inputs);
    for (std::size_t i = 0; i < inputs.size(); i++) EXPECT_TRUE(torch::allclose(found[i], wanted[i], 1e-4, 1e-4)) << i;
  };
  compare(read_maps(maps, values, grid_), values);
  compare(read_maps(maps, {}, grid_), {});
}

INSTANTIATE_TEST_SUITE_P(Layouts, MapReadingTest, testing::Values(at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast));

TEST(Loss, OfMapsIsTheCrossEntropy) {
  torch::manual_seed(2);
  TrainSpec spec;
  spec.loss = Loss::heatmaps;
  spec.map_sigma = 5;
  NetOutput out;
  const auto flat = cell_centers({32, 48}, {4, 6});
  out.grid = flat.view({2, 6, 4});
  out.maps = torch::randn({2, 5, 6, 4}).contiguous(at::MemoryFormat::ChannelsLast);
  const MapReading read = read_maps(out.maps, {}, out.grid);
  out.points = read.points;
  out.log_sum = read.log_sum;
  const Truth truth{torch::rand({2, 5, 2}) * 60 - 10, torch::ones(2), torch::ones(2)};  // some lie outside
  const auto target = ((truth.points.unsqueeze(3) - flat).square().sum(2) / -50).softmax(2);
  const auto expected = -(target * out.maps.flatten(2).log_softmax(2)).sum(2).mean();
  EXPECT_NEAR(loss_of(out, truth, spec, {32, 48}).item<double>(), expected.item<double>(), 1e-5);
}

TEST(Schedule, GoesUpThenAsTheRecipeSays) {
  TrainSpec t;
  t.epochs = 10;
  EXPECT_LT(schedule_share(t, 0), 0.1);
  EXPECT_DOUBLE_EQ(schedule_share(t, 2), 1);
  EXPECT_NEAR(schedule_share(t, 10), 0.01, 1e-9);
  t.restart = 6;
  EXPECT_DOUBLE_EQ(schedule_share(t, 2), 1);
  EXPECT_NEAR(schedule_share(t, 5.999), 0.01, 1e-4);
  EXPECT_DOUBLE_EQ(schedule_share(t, 6), 0.5) << "it begins anew, at half";
  EXPECT_NEAR(schedule_share(t, 10), 0.01, 1e-9);
  t.restart = 10;
  EXPECT_GT(schedule_share(t, 6), 0.3) << "too late: there is one fall";
  t.warmup = 0;
  t.schedule = Schedule::constant;
  EXPECT_EQ(schedule_share(t, 0), 1);
  EXPECT_EQ(schedule_share(t, 9), 1);
  t.schedule = Schedule::steps;
  t.steps = {{10, 1e-4}, {3, 1e-5}};
  t.lr = 1e-4;
  EXPECT_DOUBLE_EQ(schedule_share(t, 9.9), 1);
  EXPECT_DOUBLE_EQ(schedule_share(t, 10), 0.1);
  EXPECT_DOUBLE_EQ(schedule_share(t, 20), 0.1) << "it stays";
}

TEST(ShippedRecipes, TrainTwoStepsAndTravel) {
  for (const auto& entry : std::filesystem::directory_iterator(FKP_RECIPES)) {
    const Recipe recipe = read_recipe(entry.path());
    if (recipe.task != TaskKind::keypoints) continue;
    SCOPED_TRACE(entry.path());
    expect_to_train_and_travel(recipe);
  }
}

}  // namespace
}  // namespace fkp
