// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/scenes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "support/face68.h"

namespace fkp {
namespace {

/// A grey picture with a white ellipse for a face and a black dot on it for its right eye.
Picture drawn() {
  Picture p{"", "", cv::Mat(200, 200, CV_8UC1, cv::Scalar(90)), {{69.5f, 49.5f, 60, 80}}, {}};
  cv::ellipse(p.grey, cv::Point(99, 89), {30, 40}, 0, 0, 360, 255, cv::FILLED);
  cv::circle(p.grey, {88, 80}, 7, 0, cv::FILLED);
  p.points = {{{88, 80}, {112, 80}, {100, 95}, {90, 110}, {110, 110}}};
  return p;
}

const SceneSpec kSpec{8, 1, 3, 0.1};

Scene scene_of(const Picture& picture, const Augment& augment, std::uint64_t seed, float unlabelled = 0, const SceneSpec& spec = kSpec) {
  Rng rng(seed);
  return make_scene([&](Rng&) { return Source{&picture, unlabelled}; }, spec, augment, scheme("mtfl-5"), 128, rng);
}

TEST(Scene, TakesBoxesAndPointsAlong) {
  const Picture picture = drawn();
  Augment augment;
  augment.rotation = 15;
  augment.mirror = true;
  int large = 0;
  for (std::uint64_t seed = 0; seed < 60; seed++) {
    const Scene scene = scene_of(picture, augment, seed);
    ASSERT_EQ(scene.pixels.size(), cv::Size(128, 128));
    for (const SceneFace& face : scene.faces) {
      EXPECT_LE(face.box.x + face.box.width, 128);
      EXPECT_GE(face.box.y, -0.5f);
      const cv::Point2f c(face.box.x + face.box.width / 2, face.box.y + face.box.height * 0.7f);
      if (face.box.height < 24 || face.box.width / face.box.height < 0.65f || face.box.width / face.box.height > 0.85f) continue;
      large++;
      EXPECT_GT(scene.pixels.at<uchar>(cvRound(c.y), cvRound(c.x)), 160) << "seed " << seed << ": the ellipse lies elsewhere";
      const Point eye = face.points[0], other = face.points[1];
      const bool mirrored =
          scene.pixels.at<uchar>(cvRound(other.y), cvRound(other.x)) < scene.pixels.at<uchar>(cvRound(eye.y), cvRound(eye.x));
      const Point dark = mirrored ? other : eye;
      if (cv::Rect(2, 2, 124, 124).contains({cvRound(dark.x), cvRound(dark.y)})) {
        EXPECT_LT(scene.pixels.at<uchar>(cvRound(dark.y), cvRound(dark.x)), 140);
      }
      EXPECT_LT(eye.x, other.x) << "the subject's right eye stays on the left, mirrored or not";
    }
  }
  EXPECT_GT(large, 20);
}

TEST(Scene, RotatesWithinTheLimitsOfTheRecipe) {
  const Picture picture = drawn();
  struct Angles {
    float most = 0;
    int upright = 0;
  };
  const auto angles_of = [&](const Augment& augment) {
    Angles a;
    for (std::uint64_t seed = 0; seed < 60; seed++)
      for (const SceneFace& face : scene_of(picture, augment, seed).faces) {
        const float angle = std::abs(roll_of(face.points, scheme("mtfl-5")));
        a.most = std::max(a.most, angle);
        a.upright += angle < 1e-3f;
      }
    return a;
  };
  Augment augment;
  augment.rotation = 15;
  EXPECT_EQ(angles_of(augment).upright, 0) << "without a wide rotation all get the other one";
  augment.wide_rotation = 100;
  augment.wide_share = 1;
  EXPECT_GT(angles_of(augment).most, 1.2f);
  EXPECT_LT(angles_of(augment).most, 1.75f);
}

TEST(Scene, MakesManySmallFacesOfOneLarge) {
  const Picture picture = drawn();
  std::size_t most = 0;
  float smallest = 1e9f;
  for (std::uint64_t seed = 0; seed < 40; seed++) {
    const Scene scene = scene_of(picture, {}, seed);
    most = std::max(most, scene.faces.size());
    for (const SceneFace& face : scene.faces) smallest = std::min(smallest, size_of(face.box));
  }
  EXPECT_GE(most, 3u);
  EXPECT_LT(smallest, 14);
}

TEST(Scene, ShowsAFaceWhereItsBoxIsHoweverMuchItIsShrunk) {
  Picture picture{"", "", cv::Mat(1600, 1600, CV_8UC1, cv::Scalar(0)), {{600, 600, 400, 400}}, {}};
  cv::circle(picture.grey, {800, 800}, 200, 255, cv::FILLED);
  SceneSpec spec = kSpec;
  spec.background = 0;
  int seen = 0;
  for (std::uint64_t seed = 0; seed < 40; seed++) {
    const Scene scene = scene_of(picture, {}, seed, 0, spec);
    for (const SceneFace& face : scene.faces) {
      const cv::Rect2f& box = face.box;
      if (box.width < 12 || std::abs(box.width - box.height) > 0.01f) continue;  // cut off
      const cv::Rect around(cvFloor(box.x) - 1, cvFloor(box.y) - 1, cvCeil(box.width) + 3, cvCeil(box.height) + 3);
      if ((around & cv::Rect(0, 0, 128, 128)) != around) continue;
      const cv::Moments m = cv::moments(scene.pixels(around));
      if (std::abs(m.m00 / 255 - CV_PI * box.area() / 4) > 0.1 * box.area()) continue;  // another picture is beside it
      EXPECT_NEAR(around.x + m.m10 / m.m00, box.x + box.width / 2, 0.2) << seed;
      EXPECT_NEAR(around.y + m.m01 / m.m00, box.y + box.height / 2, 0.2) << seed;
      seen++;
    }
  }
  EXPECT_GT(seen, 10);
}

TEST(Scene, TakesAFaceForOneWhileHalfOfItShows) {
  Picture picture = drawn();
  for (const float x : {4.5f, 134.5f}) picture.faces.emplace_back(x, 49.5f, 60, 80);  // beside it: one of them is in the middle of a tile
  SceneSpec spec = kSpec;
  spec.background = 0;
  constexpr float kShape = 60 / 80.f;
  int cut = 0, traces = 0;
  for (std::uint64_t seed = 0; seed < 200; seed++) {
    const Scene scene = scene_of(picture, {}, seed, 0, spec);
    for (const SceneFace& face : scene.faces) {
      const float shape = face.box.width / face.box.height / kShape;
      EXPECT_GT(shape, 0.49f);
      EXPECT_LT(shape, 2.01f);
      cut += shape < 0.9f;
    }
    for (const cv::Rect2f& box : scene.ignored) traces += box.width / box.height < 0.3f * kShape;
  }
  EXPECT_GT(cut, 3);
  EXPECT_GT(traces, 0) << "of a tenth to a half of a face";
}

TEST(Scene, IsOneCloseUpOrFourScenes) {
  const Picture picture = drawn();
  SceneSpec spec = kSpec;
  spec.background = 0;
  spec.close_ups = 1;
  for (std::uint64_t seed = 0; seed < 20; seed++) {
    const Scene scene = scene_of(picture, {}, seed, 0, spec);
    float largest = 0;
    for (const SceneFace& face : scene.faces) largest = std::max(largest, size_of(face.box));
    EXPECT_GT(largest, 128 / 5.f) << "seed " << seed;  // a quarter, less what the edge cuts off
    for (const SceneFace& face : scene.faces)
      if (std::abs(face.box.width / face.box.height - 0.75f) < 1e-3f) {
        EXPECT_GT(size_of(face.box), 31) << "seed " << seed;
      }
  }
  spec.close_ups = 1e-9;
  const cv::Rect2f quarters[] = {{-0.5f, -0.5f, 64, 64}, {63.5f, -0.5f, 64, 64}, {-0.5f, 63.5f, 64, 64}, {63.5f, 63.5f, 64, 64}};
  int whole[4] = {};
  for (std::uint64_t seed = 0; seed < 20; seed++) {
    const Scene scene = scene_of(picture, {}, seed, 5, spec);
    EXPECT_GE(scene.unlabelled.size(), 4u);
    for (const SceneFace& face : scene.faces) {
      const auto in = std::find_if(std::begin(quarters), std::end(quarters),
                                   [&](const cv::Rect2f& q) { return (face.box & q).area() > 0.999f * face.box.area(); });
      ASSERT_NE(in, std::end(quarters)) << "seed " << seed << ": a face in two scenes";
      whole[in - quarters]++;
      const Point nose = face.points[2];
      if (in->contains({nose.x, nose.y})) {
        EXPECT_TRUE(face.box.contains({nose.x, nose.y})) << "seed " << seed;
      }
    }
  }
  for (int faces : whole) EXPECT_GT(faces, 5);
}

TEST(Scene, IsTheSameForTheSameGenerator) {
  Augment augment;
  augment.rotation = 10;
  augment.noise = augment.blur = augment.erase = 0.5f;
  const Picture picture = drawn();
  for (std::uint64_t seed = 0; seed < 8; seed++) {
    const Scene a = scene_of(picture, augment, seed), b = scene_of(picture, augment, seed);
    EXPECT_EQ(cv::norm(a.pixels, b.pixels, cv::NORM_INF), 0);
    ASSERT_EQ(a.faces.size(), b.faces.size());
  }
}

TEST(Scene, HasNoFaceInWhatIsMadeUp) {
  const Picture picture = drawn();
  SceneSpec spec = kSpec;
  for (const double share : {0.0, 1.0}) {
    spec.clutter = share;
    std::size_t faces = 0;
    for (std::uint64_t seed = 0; seed < 10; seed++) {
      Rng rng(seed);
      const Scene scene = make_scene([&](Rng&) { return Source{&picture, 40}; }, spec, {}, scheme("mtfl-5"), 128, rng);
      faces += scene.faces.size();
      EXPECT_EQ(scene.unlabelled.empty(), share > 0) << "all of it is known";
    }
    EXPECT_EQ(faces == 0, share > 0);
  }
}

TEST(Scene, RemembersWhereLabelsAreIncomplete) {
  const Picture picture = drawn();
  EXPECT_TRUE(scene_of(picture, {}, 1).unlabelled.empty());
  for (const Unlabelled& u : scene_of(picture, {}, 1, 40).unlabelled) EXPECT_LE(u.largest, 40 * kSpec.zoom);
  EXPECT_FALSE(scene_of(picture, {}, 1, 40).unlabelled.empty());
  SceneSpec four = kSpec;
  four.close_ups = 1e-9;
  cv::Rect2f unlabelled, ignored;
  float least = 40;
  for (std::uint64_t seed = 0; seed < 20; seed++) {
    const Scene scene = scene_of(picture, {}, seed, 40, four);
    for (const Unlabelled& u : scene.unlabelled) {
      unlabelled |= u.where;
      least = std::min(least, u.largest);
    }
    for (const cv::Rect2f& box : scene.ignored) ignored |= box;
  }
  EXPECT_EQ(unlabelled, cv::Rect2f(-0.5f, -0.5f, 128, 128)) << "in all four";
  EXPECT_LT(least, 20) << "as much smaller as the picture is shown";
  EXPECT_GT(ignored.br().x, 64);
  EXPECT_GT(ignored.br().y, 64);
}

TEST(DetectorBox, HoldsAllPointsAndTheForehead) {
  Points points;
  for (const auto& p : test::face68()) points.push_back({100 * p.x, 100 * p.y});
  const cv::Rect2f box = detector_box(points), square = face_box(points);
  EXPECT_GT(box.height, 1.2f * box.width);
  EXPECT_LT(box.y, square.y);
  EXPECT_GT(iou(box, square), 0.6f);
  EXPECT_NEAR(box.x, square.x + 0.7, 0.1);
  EXPECT_NEAR(box.y, square.y - 33, 0.1);
  EXPECT_NEAR(box.width, 97.2, 0.1);
  EXPECT_NEAR(box.height, 132.8, 0.1);
}

TEST(DetectorBox, LeadsBackToThePoints) {
  Points points;
  for (const auto& p : test::face68()) points.push_back({40 + 100 * p.x, 30 + 90 * p.y});
  const cv::Rect2f square = face_box(points), back = square_in(detector_box(points));
  EXPECT_NEAR(back.x, square.x, 1e-3);
  EXPECT_NEAR(back.y, square.y, 1e-3);
  EXPECT_NEAR(back.width, square.width, 1e-3);
}

TEST(Boxed, HasTheFivePointsOfTheMtflScheme) {
  Sample sample;
  for (const auto& p : test::face68()) sample.points.push_back({p.x, p.y});
  const Points five = boxed(sample).points[0];
  ASSERT_EQ(five.size(), 5u);
  EXPECT_LT(five[0].x, five[1].x);
  EXPECT_LT(five[0].y, five[2].y);
  EXPECT_LT(five[3].x, five[4].x);
  EXPECT_GT(five[3].y, five[2].y);
}

}  // namespace
}  // namespace fkp
