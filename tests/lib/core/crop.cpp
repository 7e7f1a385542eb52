// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/crop.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace fkp {
namespace {

TEST(WholeRegion, ShowsThePictureFromEdgeToEdge) {
  const Luma picture{cv::Mat(60, 80, CV_8UC1, cv::Scalar(0))};
  const Region region = whole_region(picture, {40, 30});  // half of it, both ways
  const cv::Matx23f to = to_crop(region, {40, 30});
  const Point first = transformed(to, {0, 0}), last = transformed(to, {79, 59});
  EXPECT_NEAR(first.x, -0.25, 1e-4);  // (x + 0.5) / 2 - 0.5
  EXPECT_NEAR(first.y, -0.25, 1e-4);
  EXPECT_NEAR(last.x, 39.25, 1e-4);
  EXPECT_NEAR(last.y, 29.25, 1e-4);
}

TEST(WholeRegion, PadsBothSidesAlikeWhereTheShapesDiffer) {
  const Luma picture{cv::Mat(60, 80, CV_8UC1, cv::Scalar(0))};
  const cv::Matx23f to = to_crop(whole_region(picture, {32, 32}), {32, 32});
  const Point top = transformed(to, {39.5f, -0.5f}), bottom = transformed(to, {39.5f, 59.5f});
  EXPECT_NEAR(top.x, 15.5, 1e-4);
  EXPECT_NEAR(top.y, 3.5, 1e-4);  // 24 of 32 rows
  EXPECT_NEAR(bottom.y, 27.5, 1e-4);
}

TEST(WholeRegion, CountsPixelsThatAreNotSquare) {
  const Luma picture{cv::Mat(60, 40, CV_8UC1, cv::Scalar(0)), false, 2};  // 80 × 60 on the display
  const Region region = whole_region(picture, {40, 30});
  EXPECT_NEAR(region.center.x, 39.5, 1e-4);
  EXPECT_NEAR(region.center.y, 29.5, 1e-4);
  EXPECT_NEAR(region.side, 60, 1e-4) << "the shorter side, in square pixels";
}

TEST(EqualisedCrop, UsesTheWholeRangeOfGreys) {
  cv::Mat dark(32, 32, CV_8UC1);
  for (int x = 0; x < 32; x++) dark.col(x).setTo(40 + x);
  cv::Mat histogram = dark.clone(), none = dark.clone();
  equalise(histogram, Equalise::histogram);
  equalise(none, Equalise::none);
  double least = 0, most = 0;
  cv::minMaxLoc(histogram, &least, &most);
  EXPECT_EQ(least, 0);
  EXPECT_EQ(most, 255);
  EXPECT_EQ(cv::norm(none, dark, cv::NORM_INF), 0);
}

TEST(EqualisedCrop, LimitsTheContrastOfItsTiles) {
  cv::Mat noise(64, 64, CV_8UC1), expected;
  cv::randn(noise, 120, 5);
  cv::createCLAHE(2, {8, 8})->apply(noise, expected);
  equalise(noise, Equalise::clahe);
  EXPECT_EQ(cv::norm(noise, expected, cv::NORM_INF), 0);
}

TEST(EqualisedCrop, IsWhatIsCutWhereTheNetworkAsksForIt) {
  cv::Mat dark(32, 32, CV_8UC1), crop;
  for (int x = 0; x < 32; x++) dark.col(x).setTo(40 + x);
  CropSpec spec{{32, 32}};
  spec.equalise = Equalise::histogram;
  cut({dark}, {{15.5f, 15.5f}, 32, 0}, spec, crop);
  double most = 0;
  cv::minMaxLoc(crop, nullptr, &most);
  EXPECT_EQ(most, 255);
}

TEST(RegionOfABox, IsTurnedWithTheFaceUnlessTheWholePictureIsShown) {
  const Luma picture{cv::Mat(60, 80, CV_8UC1, cv::Scalar(0))};
  CropSpec spec{{32, 32}, 1.5f};
  const Region region = region_of(picture, {10, 20, 30, 30}, spec, 0.5f);
  EXPECT_EQ(region.angle, 0.5f);
  EXPECT_EQ(region.side, 45);
  spec.whole_picture = true;
  EXPECT_EQ(region_of(picture, {10, 20, 30, 30}, spec, 0.5f).side, 80);
  EXPECT_EQ(region_of(picture, {10, 20, 30, 30}, spec, 0.5f).angle, 0);
}

}  // namespace
}  // namespace fkp
