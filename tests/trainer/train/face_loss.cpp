// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/face_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "net/detector_net.h"

namespace fkp {
namespace {

constexpr float kSure = 8;  // logit

/// Maps for a picture of 64×64 that predict no face, and tiny boxes.
std::vector<torch::Tensor> silent(int points = 1) {
  std::vector<torch::Tensor> maps;
  for (int stride : kDetectorStrides) {
    auto map = torch::zeros({1, 5 + 2 * points, 64 / stride, 64 / stride});
    map.select(1, 0).fill_(-kSure);
    map.narrow(1, 3, 2).fill_(-3);  // boxes too small for any face
    maps.push_back(map);
  }
  return maps;
}

/// A face of 16×16 at the cell in the third row and column of stride 8, centre 19.5, with its one point there, too.
Scene scene() {
  Scene s;
  s.faces.push_back({{11.5f, 11.5f, 16, 16}, {{19.5f, 19.5f}}});
  return s;
}

void say(torch::Tensor& map, float logit, float width) {
  map[0][0][2][2] = logit;
  map[0][3][2][2] = std::log(width / 8);
  map[0][4][2][2] = std::log(16.f / 8);
}

double loss(const std::vector<torch::Tensor>& maps, const Scene& s) { return face_loss(maps, {s}).item<double>(); }

TEST(FaceLoss, IsNearNothingForTheTruth) {
  auto maps = silent();
  say(maps[0], kSure, 16);
  EXPECT_LT(loss(maps, scene()), 0.01);
  EXPECT_LT(loss(silent(), Scene()), 1e-3);
}

TEST(FaceLoss, GrowsWithEachMistake) {
  auto maps = silent();
  say(maps[0], kSure, 16);
  const double least = loss(maps, scene());
  say(maps[0], kSure, 12);
  EXPECT_GT(loss(maps, scene()), least + 0.2) << "a narrow box";
  say(maps[0], -kSure, 16);
  EXPECT_GT(loss(maps, scene()), least + 1) << "a face missed";
  say(maps[0], kSure, 16);
  maps[0][0][0][7][7] = kSure;
  EXPECT_GT(loss(maps, scene()), least + 1) << "a false box";
  maps[0][0][0][7][7] = -kSure;
  maps[0][0][5][2][2] = 1;
  EXPECT_GT(loss(maps, scene()), least + 0.1) << "a point elsewhere";
}

TEST(FaceLoss, LeavesPointsAloneThatNobodyKnows) {
  auto maps = silent();
  say(maps[0], kSure, 16);
  Scene s = scene();
  s.faces[0].points.clear();
  const double least = loss(maps, s);
  maps[0][0][5][2][2] = 1;
  EXPECT_NEAR(loss(maps, s), least, 1e-6);
}

TEST(FaceLoss, IsTheMeanOverTheKnownPointsOfAFace) {
  auto maps = silent(2);
  say(maps[0], kSure, 16);
  Scene s = scene();
  s.faces[0].points.push_back(unknown_point());
  const double least = loss(maps, s);
  maps[0][0][7][2][2] = 1;
  EXPECT_NEAR(loss(maps, s), least, 1e-6) << "nobody knows where the second point is";
  maps[0][0][7][2][2] = 0;
  maps[0][0][5][2][2] = 1;
  const double of_one = loss(maps, s) - least;
  EXPECT_GT(of_one, 0.1);
  s.faces[0].points[1] = s.faces[0].points[0];
  EXPECT_NEAR(loss(maps, s) - least, of_one / 2, 1e-6) << "one of two points is wrong";
}

TEST(FaceLoss, LetsFindsBeWhereFacesMayLackABox) {
  auto maps = silent();
  say(maps[0], kSure, 16);
  Scene s;
  const double punished = loss(maps, s);
  s.unlabelled.push_back({{0, 0, 64, 64}, 40});
  EXPECT_GT(punished, 1);
  EXPECT_LT(loss(maps, s), 1e-3);
}

TEST(FaceLoss, HasAGradientEverywhere) {
  auto maps = silent();
  for (auto& map : maps) map.requires_grad_();
  face_loss(maps, {scene()}).backward();
  for (const auto& map : maps) EXPECT_TRUE(map.grad().isfinite().all().item<bool>());
  EXPECT_GT(maps[0].grad().abs().sum().item<double>(), 0);
}

}  // namespace
}  // namespace fkp
