// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/geometry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace fkp {
namespace {

constexpr float kDegree = static_cast<float>(CV_PI / 180);

/// Eyes, nose and mouth of an upright face around (100, 80).
Points upright_face() { return {{85, 65}, {115, 65}, {100, 80}, {88, 95}, {112, 95}}; }

Points turned(const Points& points, float angle) {
  const cv::Matx23f back = from_crop({{100, 80}, 1, angle}, {1, 1});  // rotates about (100, 80)
  Points out;
  for (const Point& p : points) out.push_back(transformed(back, {p.x - 100, p.y - 80}));
  return out;
}

TEST(FaceBox, IsTheSquareAroundThePoints) {
  const cv::Rect2f box = face_box({{10, 20}, {50, 30}});
  EXPECT_EQ(box, cv::Rect2f(10, 5, 40, 40));
}

TEST(FaceBox, NeedsPoints) { EXPECT_THROW(face_box({}), std::invalid_argument); }

TEST(Region, FollowsATurnedFace) {
  const Region region = region_of(turned(upright_face(), 30 * kDegree), scheme("mtfl-5"), 1.25f);
  EXPECT_NEAR(region.angle, 30 * kDegree, 1e-4);
  EXPECT_NEAR(region.center.x, 100, 1e-3);
  EXPECT_NEAR(region.center.y, 80, 1e-3);
  EXPECT_NEAR(region.side, 30 * 1.25f, 1e-3);
}

TEST(Region, OfASchemeWithoutEyesStaysUpright) { EXPECT_EQ(region_of({{3, 4}}, scheme("nose-1"), 2).angle, 0); }

TEST(Region, OfAFaceWhoseEyesAreNotKnownStaysUpright) {
  Points points = turned(upright_face(), 30 * kDegree);
  points[0] = unknown_point();
  const Region region = region_of(points, scheme("mtfl-5"), 1.25f);
  EXPECT_EQ(region.angle, 0);
  EXPECT_TRUE(std::isfinite(region.center.x) && std::isfinite(region.center.y));
  EXPECT_GT(region.side, 20);
}

TEST(Region, FollowsTheKnownPointsOfAnEye) {
  Points points(68, {100, 100});
  for (int i = 36; i < 42; i++) points[i] = {80, 60};
  for (int i = 42; i < 48; i++) points[i] = {120, 100};
  points[37] = points[44] = unknown_point();
  EXPECT_NEAR(roll_of(points, scheme("ibug-68")), 45 * kDegree, 1e-5);
}

TEST(Region, HasASideOfAPixelAtLeast) {
  EXPECT_EQ(region_of({{3, 4}}, scheme("nose-1"), 2).side, 2);
  EXPECT_EQ(region_of(cv::Rect2f(3, 4, 0, 0), 2).side, 2);
}

TEST(Region, OfABoxTakesItsLongerSide) {
  EXPECT_EQ(region_of(cv::Rect2f(0, 0, 10, 30), 1.5f).side, 45);
  EXPECT_EQ(region_of(cv::Rect2f(0, 0, 30, 10), 1.5f).side, 45);
  EXPECT_EQ(region_of(cv::Rect2f(0, 0, 10, 30), 1.5f).center.y, 15);
}

TEST(Crop, TakesTheRegionsEdgesToItsOwn) {
  // The region covers pixels 10 to 19 in full: its edges lie at 9.5 and 19.5.
  const Region region{{14.5f, 14.5f}, 10, 0};
  const Point first = transformed(to_crop(region, {20, 20}), {9.5f, 9.5f});
  const Point last = transformed(to_crop(region, {20, 20}), {19.5f, 19.5f});
  EXPECT_NEAR(first.x, -0.5, 1e-5);
  EXPECT_NEAR(last.y, 19.5, 1e-5);
}

TEST(Crop, AndItsInverseCancel) {
  const Region region{{31, 17}, 42, 0.7f};
  const Point p = transformed(from_crop(region, {64, 64}), transformed(to_crop(region, {64, 64}), {5, 9, 0.5f}));
  EXPECT_NEAR(p.x, 5, 1e-4);
  EXPECT_NEAR(p.y, 9, 1e-4);
  EXPECT_EQ(p.confidence, 0.5f);
}

TEST(Crop, SetsATurnedFaceUpright) {
  const Points points = turned(upright_face(), -50 * kDegree);
  const Region region = region_of(points, scheme("mtfl-5"), 1.25f);
  const cv::Matx23f map = to_crop(region, {96, 96});
  EXPECT_NEAR(transformed(map, points[0]).y, transformed(map, points[1]).y, 1e-3);
  EXPECT_LT(transformed(map, points[0]).x, transformed(map, points[1]).x);
}

TEST(FaceBox, LeavesOutPointsThatAreNotKnown) {
  EXPECT_EQ(face_box({{10, 10}, unknown_point(), {30, 20}}), face_box({{10, 10}, {30, 20}}));
  EXPECT_THROW(face_box({unknown_point()}), std::invalid_argument);
}

TEST(Iou, CountsSharedArea) {
  EXPECT_FLOAT_EQ(iou({0, 0, 2, 2}, {1, 0, 2, 2}), 1.f / 3);
  EXPECT_EQ(iou({0, 0, 1, 1}, {5, 5, 1, 1}), 0);
  EXPECT_EQ(iou({0, 0, 0, 0}, {0, 0, 0, 0}), 0) << "not a number";
}

}  // namespace
}  // namespace fkp
