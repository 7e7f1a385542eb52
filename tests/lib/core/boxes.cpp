// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/boxes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fkp {
namespace {

FoundFace found(float x, float y, float side, float score) { return {{x, y, side, side}, score, {}}; }

TEST(Letterbox, ShrinksTheLongerSideAndRoundsUpTo32) {
  const Letterbox box = letterbox({cv::Mat(480, 640, CV_8UC1)}, 320);
  EXPECT_EQ(box.used, cv::Size(320, 240));
  EXPECT_EQ(box.input, cv::Size(320, 256));
}

TEST(Letterbox, ShrinksAPortraitByItsHeight) {
  const Letterbox box = letterbox({cv::Mat(640, 480, CV_8UC1)}, 320);
  EXPECT_EQ(box.used, cv::Size(240, 320));
  EXPECT_EQ(box.input, cv::Size(256, 320));
}

TEST(Letterbox, ShowsAtLeastARowOfAStrip) { EXPECT_EQ(letterbox({cv::Mat(1, 1000, CV_8UC1)}, 320).used, cv::Size(320, 1)); }

TEST(Letterbox, DoesNotEnlarge) {
  const Letterbox box = letterbox({cv::Mat(50, 40, CV_8UC1)}, 320);
  EXPECT_EQ(box.used, cv::Size(40, 50));
  EXPECT_EQ(box.input, cv::Size(64, 64));
}

TEST(Letterbox, CountsSquarePixels) {
  Luma wide{cv::Mat(288, 352, CV_8UC1)};
  wide.pixel_aspect = 16.f / 11;
  EXPECT_EQ(letterbox(wide, 320).used, cv::Size(320, 180));
}

TEST(Letterbox, TakesABoxBackToWhereItWasInThePicture) {
  // A bright rectangle of the picture is found in the input and mapped back.
  cv::Mat pixels(300, 500, CV_8UC1, cv::Scalar(0));
  const cv::Rect bright(200, 100, 60, 50);
  pixels(bright).setTo(255);
  const Letterbox box = letterbox({pixels}, 250);
  std::vector<float> input(static_cast<std::size_t>(box.input.area()));
  cv::Mat scratch;
  fill(input.data(), box, {pixels}, 0, 1, scratch);
  const cv::Rect lit = cv::boundingRect(cv::Mat(cv::Mat(box.input, CV_32F, input.data())({{}, box.used}) > 0.5));
  FoundFace face{
      {static_cast<float>(lit.x) - 0.5f, static_cast<float>(lit.y) - 0.5f, static_cast<float>(lit.width), static_cast<float>(lit.height)},
      1,
      {{static_cast<float>(lit.x) - 0.5f, 7}}};
  face = box.to_picture(face);
  EXPECT_NEAR(face.box.x, 199.5, 1e-3);
  EXPECT_NEAR(face.box.y, 99.5, 1e-3);
  EXPECT_NEAR(face.box.width, 60, 1e-3);
  EXPECT_NEAR(face.box.height, 50, 1e-3);
  EXPECT_NEAR(face.points[0].x, face.box.x, 1e-3) << "points go the same way";
  EXPECT_NEAR(face.points[0].y, 14.5, 1e-3);
}

TEST(Fill, GivesTheRangeAndGreyBesideThePicture) {
  cv::Mat pixels(10, 20, CV_8UC1, cv::Scalar(255)), scratch;
  const Letterbox box = letterbox({pixels}, 320);
  std::vector<float> input(32 * 32);
  fill(input.data(), box, {pixels}, -1, 1, scratch);
  EXPECT_FLOAT_EQ(input[0], 1);
  EXPECT_FLOAT_EQ(input[31], 0) << "beside it";
  Luma video{cv::Mat(10, 20, CV_8UC1, cv::Scalar(16))};
  video.video_range = true;
  fill(input.data(), box, video, -1, 1, scratch);
  EXPECT_NEAR(input[0], -1, 1e-6) << "black of a video";
  video.pixels.setTo(235);
  fill(input.data(), box, video, -1, 1, scratch);
  EXPECT_NEAR(input[0], 1, 1e-6) << "white of a video";
}

TEST(Decode, ReadsACell) {
  // Two by three cells of stride 16, one point; the middle one of the lower row has a face.
  constexpr int kCells = 6, kCell = 4;
  std::vector<float> map(7 * kCells, 0);
  std::fill_n(map.begin(), kCells, -5.f);
  const float values[] = {1, 0.5f, -0.25f, std::log(2.f), std::log(3.f), 1, -1};
  for (int i = 0; i < 7; i++) map[i * kCells + kCell] = values[i];
  std::vector<FoundFace> faces;
  decode(map.data(), 2, 3, 16, 1, 0.5f, faces);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_NEAR(faces[0].score, 1 / (1 + std::exp(-1.0)), 1e-6);
  const float x = 23.5f + 8, y = 23.5f - 4;
  EXPECT_NEAR(faces[0].box.x, x - 16, 1e-4);
  EXPECT_NEAR(faces[0].box.y, y - 24, 1e-4);
  EXPECT_NEAR(faces[0].box.width, 32, 1e-4);
  EXPECT_NEAR(faces[0].box.height, 48, 1e-4);
  EXPECT_NEAR(faces[0].points[0].x, 23.5 + 16, 1e-4);
  EXPECT_NEAR(faces[0].points[0].y, 23.5 - 16, 1e-4);
}

TEST(Decode, TakesNoNumberForNoFace) {
  const std::vector<float> map(5, std::nanf(""));
  std::vector<FoundFace> faces;
  decode(map.data(), 1, 1, 8, 0, 0.01f, faces);
  EXPECT_TRUE(faces.empty());
}

TEST(Suppress, KeepsTheBestOfEachHeap) {
  const auto kept = suppress({found(0, 0, 10, 0.6f), found(100, 0, 10, 0.7f), found(1, 0, 10, 0.9f), found(0, 1, 10, 0.8f)}, 0.5f);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_FLOAT_EQ(kept[0].score, 0.9f);
  EXPECT_FLOAT_EQ(kept[1].score, 0.7f);
}

TEST(Suppress, LeavesNeighbours) {
  EXPECT_EQ(suppress({found(0, 0, 10, 0.9f), found(6, 0, 10, 0.8f)}, 0.45f).size(), 2u) << "they share a quarter";
}

TEST(Decode, TakesAScoreOfAtLeastTheThreshold) {
  std::vector<float> map(5 * 3, 0);  // three cells
  map[0] = -0.01f;
  map[1] = 0;  // the logit of a half
  map[2] = 0.01f;
  std::vector<FoundFace> faces;
  decode(map.data(), 1, 3, 8, 0, 0.5f, faces);
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_EQ(faces[0].score, 0.5f);
}

TEST(Suppress, LeavesFacesThatOverlapByNoMoreThanThat) {
  EXPECT_EQ(suppress({found(0, 0, 3, 0.9f), found(1, 0, 3, 0.8f)}, 0.5f).size(), 2u) << "they share a half";
}

}  // namespace
}  // namespace fkp
