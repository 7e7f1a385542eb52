// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/image.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

namespace fkp {
namespace {

/// A smooth hill around a point, which must stay in place when the picture is resampled.
cv::Mat hill(cv::Size size, cv::Point2f top, float width) {
  cv::Mat picture(size, CV_8UC1);
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++) {
      const float d2 = (x - top.x) * (x - top.x) + (y - top.y) * (y - top.y);
      picture.at<uchar>(y, x) = cv::saturate_cast<uchar>(255 * std::exp(-d2 / (2 * width * width)));
    }
  return picture;
}

/// The position of the hill's top: the centre of mass.
Point top_of(const cv::Mat& picture) {
  const cv::Moments m = cv::moments(picture);
  return {static_cast<float>(m.m10 / m.m00), static_cast<float>(m.m01 / m.m00)};
}

void expect_kept(const Luma& picture, Point top, const Region& region, cv::Size size) {
  cv::Mat crop;
  cut(picture, region, size, crop);
  ASSERT_EQ(crop.size(), size);
  const Point expected = transformed(to_crop(region, size), top), found = top_of(crop);
  EXPECT_NEAR(found.x, expected.x, 0.12);
  EXPECT_NEAR(found.y, expected.y, 0.12);
}

TEST(Cut, KeepsPlacesWhenItEnlarges) { expect_kept({hill({80, 60}, {41.3f, 28.6f}, 3)}, {41.3f, 28.6f}, {{40, 30}, 30, 0}, {64, 64}); }

TEST(Cut, KeepsPlacesWhenItTurns) { expect_kept({hill({80, 60}, {41.3f, 28.6f}, 3)}, {41.3f, 28.6f}, {{40, 30}, 40, 0.6f}, {64, 64}); }

TEST(Cut, KeepsPlacesWhenItShrinksByArea) {
  expect_kept({hill({900, 700}, {463.3f, 348.6f}, 30)}, {463.3f, 348.6f}, {{440, 360}, 400, -0.3f}, {64, 64});
}

TEST(Cut, KeepsPlacesInACropThatIsNoSquare) {
  expect_kept({hill({80, 60}, {41.3f, 28.6f}, 3)}, {41.3f, 28.6f}, {{40, 30}, 30, 0.3f}, {96, 64});
  expect_kept({hill({900, 700}, {463.3f, 348.6f}, 30)}, {463.3f, 348.6f}, {{440, 360}, 400, -0.3f}, {64, 80});
}

TEST(Cut, AveragesEveryPixelOfALargeRegion) {
  for (const int reduction : {2, 3, 4, 5, 6, 7, 8, 16, 300}) {
    const int size = reduction > 100 ? 4 : 28, side = size * reduction;
    cv::Mat picture(side, side, CV_8UC1), expected, crop;
    cv::randu(picture, 0, 256);
    cv::resize(picture, expected, {size, size}, 0, 0, cv::INTER_AREA);
    const float middle = static_cast<float>(side - 1) / 2;
    cut({picture}, {{middle, middle}, static_cast<float>(side), 0}, cv::Size(size, size), crop);
    EXPECT_EQ(cv::countNonZero(crop != expected), 0) << reduction;
    cut({cv::Mat(side, side, CV_8UC1, cv::Scalar(255))}, {{middle, middle}, static_cast<float>(side), 0}, cv::Size(size, size), crop);
    EXPECT_EQ(cv::countNonZero(crop != 255), 0) << "white, " << reduction;
  }
}

TEST(Cut, KeepsPlacesAtThePicturesEdge) {
  expect_kept({hill({801, 603}, {61.7f, 71.2f}, 12)}, {61.7f, 71.2f}, {{50, 60}, 300, 0}, {64, 64});
}

TEST(Cut, MakesPixelsSquare) {
  // Pixels twice as wide as high: the hill is round on the screen, and so in its crop.
  cv::Mat wide;
  cv::resize(hill({120, 80}, {60.5f, 40.5f}, 8), wide, {60, 80}, 0, 0, cv::INTER_AREA);
  const Luma picture{wide, false, 2};
  expect_kept(picture, {60.5f, 40.5f}, {{58, 42}, 70, 0}, {64, 64});
  cv::Mat crop;
  cut(picture, {{58, 42}, 70, 0}, cv::Size(64, 64), crop);
  const cv::Moments m = cv::moments(crop);
  EXPECT_NEAR(m.mu20 / m.mu02, 1, 0.03);
}

TEST(Cut, StretchesVideoRange) {
  cv::Mat picture(40, 40, CV_8UC1, cv::Scalar(16)), crop;
  picture.colRange(20, 40) = 235;
  cut({picture, true}, {{19.5f, 19.5f}, 40, 0}, cv::Size(40, 40), crop);
  EXPECT_EQ(crop.at<uchar>(20, 5), 0);
  EXPECT_EQ(crop.at<uchar>(20, 35), 255);
}

TEST(Cut, RepeatsTheEdgeOutside) {
  const cv::Mat picture(20, 20, CV_8UC1, cv::Scalar(77));
  cv::Mat crop;
  for (const cv::Point2f center : {cv::Point2f(-100, 10), cv::Point2f(500, 500), cv::Point2f(0, 0)}) {
    cut({picture}, {center, 60, 0.4f}, cv::Size(24, 24), crop);
    EXPECT_EQ(cv::countNonZero(crop != 77), 0) << center;
  }
}

TEST(Cut, ReadsThePixelsAroundTheRegionUpToItsVeryEdge) {
  cv::Mat picture(200, 200, CV_8UC1), expected, crop;
  cv::randu(picture, 0, 256);
  for (const float side : {50.f, 7.f})
    for (const float angle : {0.f, 0.6f}) {
      const Region region{{97.3f, 101.8f}, side, angle};
      const cv::Size size(64, 64);
      cut({picture}, region, size, crop);
      cv::warpAffine(picture, expected, from_crop(region, size), size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
      EXPECT_LE(cv::norm(crop, expected, cv::NORM_INF), 16) << side << ", " << angle;
    }
}

TEST(Luma, IsGreyNotEmptyAndOfPixelsThatHaveAShape) {
  const cv::Mat grey(4, 4, CV_8UC1, cv::Scalar(0));
  EXPECT_NO_THROW(check({grey, false, 2}));
  EXPECT_THROW(check({cv::Mat()}), std::invalid_argument);
  EXPECT_THROW(check({cv::Mat(4, 4, CV_8UC3)}), std::invalid_argument);
  for (const float aspect : {0.f, -1.f, NAN, INFINITY}) EXPECT_THROW(check({grey, false, aspect}), std::invalid_argument) << aspect;
}

}  // namespace
}  // namespace fkp
