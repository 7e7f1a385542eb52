// SPDX-License-Identifier: LGPL-2.1-or-later
// The systems of five students' reports, as reproduced by the numbered recipes.
#include <gmock/gmock.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>

#include "fkp/core/error.h"
#include "net/layer_list.h"
#include "net/point_net.h"
#include "recipe/recipe_changes.h"
#include "support/files.h"
#include "support/stand_in_device.h"
#include "train/distributed.h"
#include "train/schedule.h"
#include "train/task.h"

namespace fkp {
namespace {

std::vector<std::string> names_of_reports_recipes() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(FKP_RECIPES)) {
    const std::string name = entry.path().stem().string();
    if (std::isdigit(static_cast<unsigned char>(name[0]))) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Recipe recipe_named(const std::string& name, const std::vector<RecipeChange>& changes = {}) {
  return read_recipe(std::filesystem::path(FKP_RECIPES) / (name + ".toml"), changes);
}

std::vector<Layer> layers_in(const Recipe& r) { return layers_of(r.network.layers, r.crop.size, r.scheme.size()); }

/// The number of inputs of the first linear layer.
int numbers_of_maps(const std::string& recipe) {
  const auto layers = layers_in(recipe_named(recipe));
  return std::find_if(layers.begin(), layers.end(), [](const Layer& l) { return l.kind == "linear"; })->in.numbers();
}

TEST(ReportRecipes, HaveTheSizesThatTheReportsState) {
  EXPECT_EQ(numbers_of_maps("000-part2net"), 2800);
  EXPECT_EQ(numbers_of_maps("000-nose"), 72) << "as report 001's";
  EXPECT_EQ(numbers_of_maps("001-nose"), 72);
  EXPECT_EQ(numbers_of_maps("001-face"), 4800);
  EXPECT_EQ(numbers_of_maps("004-alexnet"), 9216);
}

/// Noise with `points` random points, two pictures of each of two people, in the IMM databases' format.
void make_up_shapes(int points, const std::filesystem::path& folder) {
  cv::RNG rng(6);
  cv::Mat picture(60, 80, CV_8UC1);
  for (const char* name : {"01-1m", "01-2m", "02-1f", "02-2f"}) {
    rng.fill(picture, cv::RNG::UNIFORM, 0, 256);
    cv::imwrite((folder / name).string() + ".jpg", picture);
    std::string text = std::to_string(points) + "\n";
    for (int k = 0; k < points; k++)
      text += "0 0 " + std::to_string(rng.uniform(0.2f, 0.8f)) + " " + std::to_string(rng.uniform(0.2f, 0.8f)) + " 0 0 0\n";
    test::write(folder / (std::string(name) + ".asf"), text + name + ".jpg\n");
  }
}

class ImmRecipe : public testing::TestWithParam<std::string> {};

TEST_P(ImmRecipe, RunsUnchangedOn58PointsAndOn73) {
  for (const int points : {58, 73}) {
    const test::TemporaryFolder folder;
    std::filesystem::create_directory(folder / "imm-frontal");
    make_up_shapes(points, folder / "imm-frontal");
    Recipe recipe = recipe_named(GetParam());
    recipe.root = folder.path();
    const Workers alone;
    const auto task = make_keypoint_task(recipe, alone);
    const auto network = task->make_network();
    const int found = recipe.scheme.name == "nose-1" ? 1 : points;
    EXPECT_EQ(network->parameters().back().numel(), 2 * found) << "the biases of the last layer";
    EXPECT_TRUE(std::isfinite(task->epoch(0)(0)(*network).item<double>())) << points;
  }
}

INSTANTIATE_TEST_SUITE_P(Named, ImmRecipe,
                         testing::Values("000-nose", "000-part2net", "001-face", "001-nose", "003-face", "003-fan", "003-funnel"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(ReportRecipes, SayThatASetHasNoneOfTheirSchemes) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "imm-frontal");
  make_up_shapes(7, folder / "imm-frontal");
  Recipe recipe = recipe_named("000-part2net");
  recipe.root = folder.path();
  try {
    make_keypoint_task(recipe, Workers());
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("it has 7 points, the scheme 73"));
  }
}

TEST(ReportRecipes, AreOneForEachSystem) {
  EXPECT_THAT(names_of_reports_recipes(),
              testing::ElementsAre("000-nose", "000-part2net", "000-resnet18", "001-face", "001-nose", "001-resnet18", "002-cnn",
                                   "002-resnet18", "002-resnet26", "002-resnet34", "003-face", "003-fan", "003-funnel", "003-resnet18",
                                   "003-unet", "004-alexnet", "004-naimishnet"));
}

/// Noise with random points of the scheme, each picture of a different person.
void make_up_faces(const Scheme& scheme, const std::filesystem::path& folder) {
  constexpr int kPictures = 6, kSide = 100;
  cv::RNG rng(5);
  std::string csv = "picture";
  for (int k = 0; k < scheme.size(); k++) csv += ",x" + std::to_string(k) + ",y" + std::to_string(k);
  for (int i = 0; i < kPictures; i++) {
    cv::Mat picture(kSide, kSide, CV_8UC1);
    rng.fill(picture, cv::RNG::UNIFORM, 0, 256);
    const std::string name = "p" + std::to_string(i) + "_0.png";
    cv::imwrite((folder / name).string(), picture);
    csv += "\n" + name;
    for (int k = 0; k < 2 * scheme.size(); k++) csv += "," + std::to_string(rng.uniform(0.2f * kSide, 0.8f * kSide));
  }
  test::write(folder / "faces.csv", csv + "\n");
}

/// The named recipe on such noise, in batches of two.
Recipe recipe_for_noise(const std::string& name, const std::filesystem::path& folder) {
  Recipe recipe = recipe_named(name);
  make_up_faces(recipe.scheme, folder);
  recipe.root = folder;
  recipe.sets = {{"csv:faces.csv"}};
  recipe.train.batch = 2;
  return recipe;
}

class ReportRecipe : public testing::TestWithParam<std::string> {};

TEST_P(ReportRecipe, TrainsTwoSteps) {
  const test::TemporaryFolder folder;
  const Recipe recipe = recipe_for_noise(GetParam(), folder.path());
  const Workers alone;
  const auto task = make_keypoint_task(recipe, alone);
  ASSERT_GE(task->batches(), 2);
  torch::manual_seed(1);
  const auto network = task->make_network();
  const auto optimizer = make_optimizer(recipe.train, network->parameters());
  const auto before = network->parameters().front().clone();
  const auto make = task->epoch(0);
  for (int i = 0; i < 2; i++) {
    network->zero_grad();
    const auto loss = make(i)(*network);
    ASSERT_TRUE(std::isfinite(loss.item<double>()));
    loss.backward();
    optimizer->step();
  }
  EXPECT_FALSE(torch::equal(before, network->parameters().front())) << "the first layer has learned nothing";
  for (const auto& p : network->parameters()) ASSERT_TRUE(p.isfinite().all().item<bool>());
}

TEST_P(ReportRecipe, TakesTheSameStepOnAnyDevice) {
  NEEDS_STAND_IN();
  const test::TemporaryFolder folder;
  const Recipe recipe = recipe_for_noise(GetParam(), folder.path());
  const Workers alone;
  const auto task = make_keypoint_task(recipe, alone);
  const auto step = task->epoch(0)(0);
  const auto gradients = [&](torch::Device device) {
    torch::manual_seed(1);
    const auto network = task->make_network();
    network->to(device);
    for (const auto& module : network->modules())
      if (module->as<torch::nn::Dropout>()) module->eval();  // dropout differs between devices
    auto loss = step(*network);
    loss.backward();
    std::vector<torch::Tensor> all{loss.detach().cpu().reshape(1)};
    for (const auto& p : network->parameters()) all.push_back(p.grad().cpu());
    return all;
  };
  const auto here = gradients(torch::kCPU), there = gradients(torch::Device(test::kStandIn));
  ASSERT_EQ(here.size(), there.size());
  double greatest = 0;  // the gradient of a bias before a batch norm is only rounding error
  for (const auto& g : here) greatest = std::max(greatest, g.abs().max().item<double>());
  for (std::size_t i = 0; i < here.size(); i++) EXPECT_LT((here[i] - there[i]).abs().max().item<double>(), 3e-3 * greatest) << i;
}

INSTANTIATE_TEST_SUITE_P(Named, ReportRecipe, testing::ValuesIn(names_of_reports_recipes()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace fkp
