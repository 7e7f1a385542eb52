// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/smoothing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace fkp {
namespace {

const SmoothingOptions kOn{true};

/// A square face of four points.
Face face_at(float x, float side = 100, std::uint32_t id = 1) {
  Face face;
  face.id = id;
  face.points = {{x, 0}, {x + side, 0}, {x, side}, {x + side, side}};
  face.box = face_box(face.points);
  return face;
}

class Smoothing : public testing::Test {
 protected:
  /// The smoothed position of the face's left edge.
  float show(Face face, std::optional<double> time, const SmoothingOptions& options = kOn) {
    std::vector<Face> faces{std::move(face)};
    smoother_.smooth(faces, time, options);
    box_ = faces[0].box;
    return faces[0].points[0].x;
  }

  Smoother smoother_;
  cv::Rect2f box_;
};

/// For a still face with noisy points: the root mean square of the smoothed points' steps from frame to frame, divided by that of the raw
/// ones.
double jitter_left(double frames_per_second, float side) {
  Smoother smoother;
  std::mt19937 rng(1);
  std::normal_distribution<float> noise(0, 0.005f * side);
  double raw = 0, smooth = 0, last_raw = 0, last = 0;
  for (int i = 0; i < 400; i++) {
    Face face = face_at(0, side);
    for (Point& p : face.points) p.x += noise(rng), p.y += noise(rng);
    const double seen = face.points[0].x;
    std::vector<Face> faces{face};
    smoother.smooth(faces, i / frames_per_second, kOn);
    const double shown = faces[0].points[0].x;
    if (i > 50) raw += std::pow(seen - last_raw, 2), smooth += std::pow(shown - last, 2);
    last_raw = seen;
    last = shown;
  }
  return std::sqrt(smooth / raw);
}

TEST_F(Smoothing, MovesABoxThatIsLargerThanThePointsWithThem) {
  const auto larger = [](Face face) {
    face.box = {face.box.x - 50, face.box.y - 50, face.box.width * 2, face.box.height * 2};
    return face;
  };
  show(larger(face_at(0, 100)), 0);
  show(larger(face_at(0, 101)), 1 / 30.);
  std::vector<Face> faces{larger(face_at(0, 101))};
  smoother_.smooth(faces, 2 / 30., kOn);
  const cv::Rect2f square = face_box(faces[0].points);
  EXPECT_LT(square.width, 100.9);
  EXPECT_NEAR(faces[0].box.width / square.width, 2, 1e-4);
}

TEST(Jitter, OfAStillFaceIsHalvedAtLeastWhateverItsSizeAndTheFrameRate) {
  for (double fps : {15., 30., 60.})
    for (float side : {40.f, 100.f, 800.f}) EXPECT_LT(jitter_left(fps, side), 0.5) << fps << " frames a second, " << side << " pixels";
}

TEST(Lag, OfAFastTurnIsLessThanAFrame) {
  for (double fps : {15., 30., 60.}) {
    Smoother smoother;
    const float side = 100, speed = 1.5f * side;  // 1.5 face widths a second
    double lag = 0;
    for (int i = 0; i < 40; i++) {
      const double t = i / fps;
      const auto x = static_cast<float>(std::max(0., t - 0.3) * speed);
      std::vector<Face> faces{face_at(x, side)};
      smoother.smooth(faces, t, kOn);
      lag = std::max(lag, static_cast<double>(x - faces[0].points[0].x) / speed * fps);
    }
    EXPECT_LT(lag, 1) << fps << " frames a second";
  }
}

TEST_F(Smoothing, LeavesPointsAloneWhereItIsOff) {
  show(face_at(0), 0.0, {});
  EXPECT_EQ(show(face_at(7), 0.1, {}), 7);
}

TEST_F(Smoothing, StartsANewFaceWhereItIs) {
  show(face_at(0, 100, 1), 0.0);
  EXPECT_EQ(show(face_at(7, 100, 2), 0.1), 7) << "another id";
}

TEST_F(Smoothing, MovesTheBoxAlong) {
  show(face_at(0), 0.0);
  const float x = show(face_at(2), 0.03);
  EXPECT_GT(x, 0);
  EXPECT_LT(x, 2);
  EXPECT_NEAR(box_.x, x, 1e-4);
  EXPECT_NEAR(box_.width, 100, 1e-4);
}

TEST_F(Smoothing, IsForgottenAtAReset) {
  show(face_at(0), 0.0);
  smoother_.reset();
  EXPECT_EQ(show(face_at(7), 0.03), 7);
}

TEST_F(Smoothing, IsForgottenAfterASecondUnseen) {
  show(face_at(0), 0.0);
  EXPECT_EQ(show(face_at(7), 1.5), 7);
}

TEST_F(Smoothing, GoesOnAfterLessThanASecondUnseen) {
  show(face_at(0), 0.0);
  EXPECT_LT(show(face_at(7), 0.95), 7);
}

TEST_F(Smoothing, StartsAfreshWhenItIsSwitchedOnAgain) {
  show(face_at(0), 0.0);
  show(face_at(3), 0.03, {});
  EXPECT_EQ(show(face_at(7), 0.06), 7);
}

TEST_F(Smoothing, OfASinglePointLeavesTheBoxItsSize) {
  Face face;
  face.id = 1;
  for (const float x : {20.f, 22.f}) {
    face.points = {{x, 20}};
    face.box = {x - 10, 10, 20, 20};
    std::vector<Face> faces{face};
    smoother_.smooth(faces, x / 30., kOn);
    EXPECT_EQ(faces[0].box.width, 20);
    EXPECT_NEAR(faces[0].box.x, faces[0].points[0].x - 10, 1e-4);
  }
}

TEST_F(Smoothing, TakesATimeThatDoesNotIncreaseForNone) {
  Smoother without;
  for (int i = 0; i < 10; i++) {
    std::vector<Face> a{face_at(static_cast<float>(i))}, b = a;
    smoother_.smooth(a, i < 5 ? i / 25. : 0.1, kOn);
    without.smooth(b, i < 5 ? std::optional<double>(i / 25.) : std::nullopt, kOn);
    EXPECT_FLOAT_EQ(a[0].points[0].x, b[0].points[0].x) << i;
  }
}

TEST_F(Smoothing, GoesOnWithoutTimestamps) {
  show(face_at(0), 0.0);
  show(face_at(0), 0.04);
  for (const std::optional<double> time : {std::optional<double>(), std::optional<double>(0.04), std::optional<double>(0.01)}) {
    const float x = show(face_at(2), time);
    EXPECT_TRUE(std::isfinite(x));
    EXPECT_GT(x, 0);
    EXPECT_LE(x, 2);
  }
}

TEST_F(Smoothing, IsTheSameWhereEverySecondTimestampIsMissing) {
  Smoother half, whole;
  for (int i = 0; i < 60; i++) {
    std::vector<Face> a{face_at(static_cast<float>(i))}, b = a;
    whole.smooth(a, i / 30.0, kOn);
    half.smooth(b, i % 2 ? std::optional<double>() : std::optional<double>(i / 30.0), kOn);
    EXPECT_NEAR(a[0].points[0].x, b[0].points[0].x, 1e-3) << i;
  }
}

TEST_F(Smoothing, KeepsAHeldFaceAsItWasShown) {
  show(face_at(0), 0.0);
  const float shown = show(face_at(2), 0.03);
  Face held = face_at(2);
  held.held = true;
  for (int i = 2; i < 80; i++) EXPECT_EQ(show(held, 0.03 * i), shown);
}

}  // namespace
}  // namespace fkp
