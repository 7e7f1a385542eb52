// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fkp {
namespace {

/// A dark picture with a bright dot at each point, so that a crop shows where its points went.
Sample dotted() {
  Sample sample{"", "", cv::Mat(200, 200, CV_8UC1, cv::Scalar(20)), {{70, 80}, {130, 80}, {100, 105}, {80, 130}, {120, 130}}};
  for (const Point& p : sample.points) cv::circle(sample.grey, cv::Point(cvRound(p.x), cvRound(p.y)), 4, 230, cv::FILLED);
  return sample;
}

const CropSpec kSpec{{96, 96}, 1.5f};

void expect_dots(const Crop& crop) {
  for (const Point& p : crop.points) EXPECT_GT(crop.pixels.at<uchar>(cvRound(p.y), cvRound(p.x)), 150) << p.x << ", " << p.y;
}

TEST(PlainCrop, PutsTheFaceInTheMiddle) {
  const Crop crop = plain_crop(dotted(), kSpec);
  EXPECT_EQ(crop.pixels.size(), cv::Size(96, 96));
  expect_dots(crop);
  const cv::Rect2f box = face_box(crop.points);
  EXPECT_NEAR(box.x + box.width / 2, 47.5, 1e-3);
  EXPECT_NEAR(box.width, 96 / 1.5, 1e-3);
}

TEST(AugmentedCrop, TakesItsPointsAlong) {
  Augment augment;
  augment.rotation = 20;
  augment.wide_rotation = 45;
  augment.scale = 0.05f;
  augment.shift = 0.02f;
  Rng rng(1);
  for (int i = 0; i < 50; i++) expect_dots(augmented_crop(dotted(), scheme("mtfl-5"), augment, kSpec, rng));
}

TEST(PlainCrop, ShowsTheWholePictureWhereverTheFaceIs) {
  const Sample sample{"", "", cv::Mat(60, 90, CV_8UC1, cv::Scalar(20)), {{10, 40}, {20, 50}}};
  const Crop crop = plain_crop(sample, {{45, 30}, 1, true});
  EXPECT_EQ(crop.pixels.size(), cv::Size(45, 30));
  EXPECT_FLOAT_EQ(crop.points[0].x, 4.75f);
  EXPECT_FLOAT_EQ(crop.points[0].y, 19.75f);
  EXPECT_FLOAT_EQ(crop.side, 5);
}

TEST(PlainCrop, EqualisesAsTheRecipeSays) {
  Sample sample = dotted();
  cv::RNG(1).fill(sample.grey, cv::RNG::UNIFORM, 100, 130);
  const auto spread = [&](Equalise how) {
    double low = 0, high = 0;
    cv::minMaxLoc(plain_crop(sample, {{96, 96}, 1.5f, false, how}).pixels, &low, &high);
    return high - low;
  };
  EXPECT_LT(spread(Equalise::none), 31);
  EXPECT_GT(spread(Equalise::histogram), 250);
  EXPECT_GT(spread(Equalise::clahe), 45);
  EXPECT_LT(spread(Equalise::clahe), 200);
}

TEST(AugmentedCrop, TakesItsPointsAlongWhereItIsNoSquare) {
  Augment augment;
  augment.even = true;
  augment.rotation = 15;
  augment.shift = 0.05f;
  augment.crop = 0.95f;
  Rng rng(1);
  for (int i = 0; i < 50; i++) {
    const Crop crop = augmented_crop(dotted(), scheme("mtfl-5"), augment, {{120, 90}, 1.8f}, rng);
    EXPECT_EQ(crop.pixels.size(), cv::Size(120, 90));
    expect_dots(crop);
  }
}

TEST(AugmentedCrop, KeepsToItsLimitsWhereItIsEven) {
  Augment augment;
  augment.even = true;
  augment.rotation = 15;
  Rng rng(1);
  double least = 90, most = -90;
  for (int i = 0; i < 300; i++) {
    const Points p = augmented_crop(dotted(), scheme("mtfl-5"), augment, kSpec, rng).points;
    const double angle = std::atan2(p[1].y - p[0].y, p[1].x - p[0].x) * 180 / CV_PI;
    least = std::min(least, angle);
    most = std::max(most, angle);
  }
  EXPECT_GE(least, -15.01);
  EXPECT_LT(least, -14);
  EXPECT_LE(most, 15.01);
  EXPECT_GT(most, 14);
}

TEST(AugmentedCrop, ShowsAPartAnywhereInTheRegion) {
  Augment augment;
  augment.crop = 0.8f;
  Rng rng(1);
  const Crop plain = plain_crop(dotted(), kSpec);
  float least = 1e9f, most = -1e9f;
  for (int i = 0; i < 300; i++) {
    const Crop crop = augmented_crop(dotted(), scheme("mtfl-5"), augment, kSpec, rng);
    EXPECT_NEAR(crop.side, plain.side / 0.8f, 1e-3);
    least = std::min(least, crop.points[2].x);
    most = std::max(most, crop.points[2].x);
  }
  const float room = 96 * 0.1f / 0.8f;  // what the random crop leaves out on each side, in pixels of that crop
  EXPECT_NEAR(least, 47.5f - room, 0.5);
  EXPECT_NEAR(most, 47.5f + room, 0.5);
}

TEST(AugmentedCrop, SwapsPointsWhenItMirrors) {
  Augment augment;
  augment.mirror = true;
  Rng rng(3);
  int mirrored = 0;
  Sample sample = dotted();
  sample.grey.colRange(0, 100).setTo(0);
  for (int i = 0; i < 40; i++) {
    const Crop crop = augmented_crop(sample, scheme("mtfl-5"), augment, kSpec, rng);
    EXPECT_LT(crop.points[0].x, crop.points[1].x) << "the subject's right eye stays on the left of the picture";
    mirrored += crop.pixels.at<uchar>(10, 10) > crop.pixels.at<uchar>(10, 85);
  }
  EXPECT_GT(mirrored, 8);
  EXPECT_LT(mirrored, 32);
}

TEST(AugmentedCrop, IsTheSameForTheSameGenerator) {
  Augment augment;
  augment.rotation = 20;
  augment.blur = augment.noise = augment.erase = augment.resample = 0.5f;
  augment.brightness = augment.contrast = 0.2f;
  for (std::uint64_t seed = 0; seed < 10; seed++) {
    Rng a(seed), b(seed);
    const Crop first = augmented_crop(dotted(), scheme("mtfl-5"), augment, kSpec, a);
    const Crop second = augmented_crop(dotted(), scheme("mtfl-5"), augment, kSpec, b);
    EXPECT_EQ(cv::norm(first.pixels, second.pixels, cv::NORM_INF), 0);
    EXPECT_EQ(first.points[2].x, second.points[2].x);
  }
}

TEST(Spoil, LightsFromOneSide) {
  Augment augment;
  augment.light = 1;
  Rng rng(1);
  for (int i = 0; i < 30; i++) {
    cv::Mat pixels(64, 64, CV_8UC1, cv::Scalar(200));
    spoil(pixels, augment, rng);
    double darkest = 0, brightest = 0;
    cv::minMaxLoc(pixels, &darkest, &brightest);
    EXPECT_LE(brightest, 200);
    EXPECT_LT(darkest, 0.95 * brightest);
    EXPECT_GE(darkest, 0.1 * 200);
  }
}

/// A horizontal gradient from 60 to 190.
cv::Mat slope() {
  cv::Mat pixels(64, 64, CV_8UC1);
  for (int x = 0; x < 64; x++) pixels.col(x) = 60 + 130 * x / 63;
  return pixels;
}

TEST(Spoil, ExposesTooLittleOrTooMuch) {
  Augment augment;
  augment.exposure = 1;
  Rng rng(2);
  int dark = 0, bright = 0, veiled = 0;
  for (int i = 0; i < 200; i++) {
    cv::Mat pixels = slope();
    spoil(pixels, augment, rng);
    const double mean = cv::mean(pixels)[0], range = pixels.at<std::uint8_t>(0, 63) - pixels.at<std::uint8_t>(0, 0);
    EXPECT_GE(range, 0.05 * 130);
    dark += mean < 90;
    bright += mean > 150 && range > 70;
    veiled += mean >= 90 && range <= 70;
  }
  EXPECT_GT(dark, 80);
  EXPECT_GT(bright, 20);
  EXPECT_GT(veiled, 15);
}

TEST(Spoil, Compresses) {
  Augment augment;
  augment.jpeg = 1;
  Rng rng(3);
  for (int i = 0; i < 20; i++) {
    cv::Mat pixels = slope();
    cv::circle(pixels, {20, 31}, 9, 20, cv::FILLED);
    const cv::Mat before = pixels.clone();
    spoil(pixels, augment, rng);
    ASSERT_EQ(pixels.size(), before.size());
    const double error = cv::norm(pixels, before, cv::NORM_L1) / static_cast<double>(before.total());
    EXPECT_GT(error, 0.5) << "greys";
    EXPECT_LT(error, 15);
  }
}

TEST(AugmentedCrop, KeepsWhatItWasBeforeItWasSpoilt) {
  Augment turned;
  turned.rotation = 20;
  turned.mirror = true;
  Augment spoilt = turned;
  spoilt.noise = spoilt.exposure = spoilt.jpeg = 1;
  for (std::uint64_t seed = 0; seed < 10; seed++) {
    Rng a(seed), b(seed);
    const Crop clean = augmented_crop(dotted(), scheme("mtfl-5"), turned, kSpec, a);
    const Crop crop = augmented_crop(dotted(), scheme("mtfl-5"), spoilt, kSpec, b);
    EXPECT_EQ(cv::norm(crop.clean, clean.pixels, cv::NORM_INF), 0);
    EXPECT_GT(cv::norm(crop.pixels, crop.clean, cv::NORM_L1), 0);
  }
}

TEST(MisplacedCrop, MissesTheFace) {
  Rng rng(5);
  const Sample sample = dotted();
  for (int i = 0; i < 50; i++) {
    const Crop crop = misplaced_crop(sample, {}, kSpec, rng);
    EXPECT_FALSE(crop.face);
    const float side = 96 / kSpec.margin, corner = (96 - side) / 2;
    EXPECT_LE(iou(face_box(crop.points), {corner, corner, side, side}), 0.26f);
  }
}

TEST(MisplacedCrop, MissesThePicturesOtherFaces) {
  Rng rng(5);
  Sample sample = dotted();
  const cv::Rect2f other = sample.box();
  sample.others = {other};
  sample.points = {{10, 10}, {20, 10}, {15, 15}, {12, 20}, {18, 20}};
  for (int i = 0; i < 200; i++) {
    const Crop crop = misplaced_crop(sample, {}, kSpec, rng);
    const float scale = (crop.points[1].x - crop.points[0].x) / 10, side = 96 / kSpec.margin, corner = (96 - side) / 2;
    const cv::Point2f place = cv::Point2f(crop.points[0].x, crop.points[0].y) + (other.tl() - cv::Point2f(10, 10)) * scale;
    EXPECT_LE(iou({place, other.size() * scale}, {corner, corner, side, side}), 0.26f);
  }
}

TEST(TurnedCrop, ShowsTheFaceUpsideDown) {
  Rng rng(5);
  const Sample sample = dotted();
  for (int i = 0; i < 50; i++) {
    const Crop crop = turned_crop(sample, {}, kSpec, rng);
    EXPECT_FALSE(crop.face);
    EXPECT_GE(std::abs(roll_of(crop.points, scheme("mtfl-5"))), 119 * CV_PI / 180);
    for (const Point& p : crop.points) EXPECT_TRUE(p.x > 0 && p.y > 0 && p.x < 96 && p.y < 96) << p.x << " " << p.y;
  }
}

TEST(BackgroundRegion, ShowsNextToNothingOfAFace) {
  Rng rng(5);
  const Picture picture{"", "", cv::Mat(200, 200, CV_8UC1), {{70, 80, 60, 60}}, {}};
  int found = 0;
  for (int i = 0; i < 100; i++) {
    const auto region = background_region(picture, 0, rng);
    if (!region) continue;
    found++;
    const cv::Rect2f shown(region->center.x - region->side / 2, region->center.y - region->side / 2, region->side, region->side);
    EXPECT_LE((shown & picture.faces[0]).area(), 0.1f * picture.faces[0].area() + 1e-3f);
  }
  EXPECT_GE(found, 90);
}

TEST(BackgroundCrop, IsNoneWhereTheFaceFillsThePicture) {
  Rng rng(5);
  EXPECT_FALSE(background_crop({"", "", cv::Mat(50, 50, CV_8UC1), {{0, 0, 50, 50}}, {}}, {}, kSpec, rng));
}

}  // namespace
}  // namespace fkp
