// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/start.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <memory>

#include "fkp/core/error.h"
#include "net/point_net.h"
#include "net/weights_file.h"
#include "support/child.h"
#include "support/files.h"

namespace fkp {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Recipe recipe_of(const std::vector<std::string>& layers, cv::Size input, int points) {
  Recipe recipe;
  recipe.scheme.name = "any";
  recipe.scheme.point_names.resize(static_cast<std::size_t>(points));
  recipe.crop.size = input;
  recipe.network.layers = layers;
  return recipe;
}

std::shared_ptr<PointNet> net_of(const std::vector<std::string>& layers, int points = 5) {
  return make_point_net(recipe_of(layers, {32, 32}, points));
}

std::string error_of(PointNet& net, const std::filesystem::path& file) {
  try {
    start_from(net, net.last(), file);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

class StartTest : public testing::Test {
 protected:
  std::filesystem::path model_of(PointNet& net) {
    export_network(net, {32, 32}, "{}", folder_ / "model.pt");
    return folder_ / "model.pt";
  }
  const test::TemporaryFolder folder_;
  const std::vector<std::string> layers_{"conv 4 3", "batchnorm", "relu", "linear 8", "relu", "linear"};
};

TEST_F(StartTest, TakesTheWeightsOfAModel) {
  const auto from = net_of(layers_), to = net_of(layers_);
  const auto file = model_of(*from);
  ASSERT_FALSE(torch::equal(from->parameters()[0], to->parameters()[0]));
  start_from(*to, to->last(), file);
  for (std::size_t i = 0; i < from->parameters().size(); i++) EXPECT_TRUE(torch::equal(from->parameters()[i], to->parameters()[i])) << i;
}

TEST_F(StartTest, TakesTheAverageOfACheckpoint) {
  const auto plain = net_of(layers_), average = net_of(layers_), to = net_of(layers_);
  torch::serialize::OutputArchive archive, of_plain, of_average;
  plain->save(of_plain);
  average->save(of_average);
  archive.write("net", of_plain);
  archive.write("average", of_average);
  archive.save_to((folder_ / "checkpoint.pt").string());
  start_from(*to, to->last(), folder_ / "checkpoint.pt");
  EXPECT_TRUE(torch::equal(average->parameters()[0], to->parameters()[0]));
}

TEST_F(StartTest, LeavesTheLastLayerFreshWhereThereAreOtherPoints) {
  const auto from = net_of(layers_, 5), to = net_of(layers_, 3);
  const auto fresh = to->named_parameters()["fc.weight"].clone();
  start_from(*to, to->last(), model_of(*from));
  EXPECT_TRUE(torch::equal(from->named_parameters()["4.weight"], to->named_parameters()["4.weight"]));
  EXPECT_TRUE(torch::equal(fresh, to->named_parameters()["fc.weight"]));
}

TEST_F(StartTest, NamesEachTensorThatDoesNotFit) {
  const auto from = net_of(layers_), to = net_of({"conv 6 3", "batchnorm", "relu", "linear 8", "batchnorm", "linear"});
  EXPECT_THAT(error_of(*to, model_of(*from)), AllOf(HasSubstr("model.pt"), HasSubstr("1.weight ([6, 1, 3, 3] here, [4, 1, 3, 3] there)"),
                                                    HasSubstr("5.weight ([8] here, absent there)"), Not(HasSubstr("fc."))));
}

TEST_F(StartTest, NamesAFileThatHoldsNoWeights) {
  const auto net = net_of(layers_);
  EXPECT_THAT(error_of(*net, folder_ / "nowhere.pth"), HasSubstr("nowhere.pth"));
  test::write(folder_ / "text.pth", "not weights");
  EXPECT_THAT(error_of(*net, folder_ / "text.pth"), AllOf(HasSubstr("text.pth"), HasSubstr("state_dict")));
}

/// Uses state_dicts made by torchvision, if installed.
class TorchvisionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<test::TemporaryFolder>();
    for (const char* python : {"python3", "/usr/bin/python3"}) {
      test::Process process({python, FKP_TORCHVISION_RESNETS, made_->path().string()}, made_->path(), "python");
      if (process.wait() == 0) return;
    }
    made_.reset();
  }
  static void TearDownTestSuite() { made_.reset(); }
  void SetUp() override {
    if (!made_) GTEST_SKIP() << "needs Debian's python3-torchvision";
  }
  static std::filesystem::path file(const std::string& name) { return *made_ / name; }

 private:
  static inline std::unique_ptr<test::TemporaryFolder> made_;
};

TEST_F(TorchvisionTest, GivesWhatTorchvisionGives) {
  const std::pair<const char*, const char*> networks[] = {{"resnet18", "resnet 2 2 2 2"}, {"resnet34", "resnet 3 4 6 3"}};
  for (const auto& [name, layer] : networks) {
    Recipe recipe = recipe_of({layer, "linear 1000"}, {96, 96}, 500);
    recipe.network.unit = false;  // the raw outputs
    const auto net = make_point_net(recipe);
    start_from(*net, net->last(), file(std::string(name) + ".pth"));
    net->eval();
    const Weights io = read_weights(file(std::string(name) + ".io.pth"));
    const torch::NoGradGuard no_grad;
    const auto difference = net->forward(io.at("input")).points.flatten(1) - io.at("output");
    EXPECT_GT(io.at("output").abs().max().item<double>(), 0.1) << name;
    EXPECT_LT(difference.abs().max().item<double>(), 1e-4) << name;
  }
}

TEST_F(TorchvisionTest, StartsANetworkOfPoints) {
  const auto net = make_point_net(recipe_of({"resnet 2 2 2 2", "dropout 0.2", "linear"}, {96, 96}, 68));
  start_from(*net, net->last(), file("resnet18.pth"));
  const Weights weights = read_weights(file("resnet18.pth"));
  EXPECT_TRUE(torch::allclose(net->named_parameters()["resnet.conv1.weight"], weights.at("conv1.weight").sum(1, true)));
  EXPECT_EQ(net->named_parameters()["fc.weight"].size(0), 136);
}

TEST_F(TorchvisionTest, DoesNotStartAnotherResNet) {
  const auto net = make_point_net(recipe_of({"resnet 3 4 6 3", "linear"}, {96, 96}, 68));
  EXPECT_THAT(error_of(*net, file("resnet18.pth")), AllOf(HasSubstr("resnet.layer1.2.conv1.weight"), HasSubstr("absent")));
}

}  // namespace
}  // namespace fkp
