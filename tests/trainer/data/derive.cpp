// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/derive.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>

#include "fkp/core/error.h"
#include "readers/readers.h"
#include "support/face68.h"
#include "support/files.h"

namespace fkp {
namespace {

TEST(Derivations, NamePointsThatThereAre) {
  for (const Scheme& to : schemes())
    for (const std::string& from : schemes_with(to.name)) {
      const auto of = points_taken(from, to.name);
      EXPECT_EQ(static_cast<int>(of.size()), to.size()) << from << " to " << to.name;
      for (const auto& sources : of)
        for (int i : sources) EXPECT_LT(i, scheme(from).size()) << from << " to " << to.name;
    }
  EXPECT_TRUE(points_taken("nose-1", "ibug-68").empty());
}

TEST(Derivations, KeepLeftAndRight) {
  // Points that are swapped by mirroring are derived from points that are swapped, too.
  for (const char* to : {"mtfl-5", "kaggle-15"})
    for (const std::string& from : schemes_with(to)) {
      const auto of = points_taken(from, to);
      for (int k = 0; k < scheme(to).size(); k++) {
        std::vector<int> mirrored;
        for (int i : of[k]) mirrored.push_back(scheme(from).mirror[i]);
        EXPECT_THAT(mirrored, testing::UnorderedElementsAreArray(of[scheme(to).mirror[k]])) << from << " to " << to << ", " << k;
      }
    }
}

TEST(Derivations, TakeEachPointForWhatItsNameSays) {
  const Scheme &kaggle = scheme("kaggle-15"), &five = scheme("mtfl-5");
  Points face;
  for (const auto& p : test::face68()) face.push_back({p.x, p.y});
  const Points fifteen = taken(face, points_taken("ibug-68", "kaggle-15"));
  const auto named = [&](const std::string& name) {
    const auto& names = kaggle.point_names;
    return fifteen.at(static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()));
  };
  for (const std::string part : {"eye-center", "eye-inner-corner", "eye-outer-corner", "eyebrow-inner-end", "eyebrow-outer-end"}) {
    EXPECT_LT(named("right-" + part).x, 0.5f) << part << ": on the left of the picture";
    EXPECT_GT(named("left-" + part).x, 0.5f) << part;
  }
  EXPECT_GT(named("right-eye-inner-corner").x, named("right-eye-outer-corner").x);
  EXPECT_GT(named("right-eyebrow-inner-end").x, named("right-eyebrow-outer-end").x);
  EXPECT_LT(named("mouth-right-corner").x, named("mouth-left-corner").x);
  EXPECT_LT(named("mouth-center-top-lip").y, named("mouth-center-bottom-lip").y);
  const Points of_five = taken(face, points_taken("ibug-68", "mtfl-5")), of_fifteen = taken(fifteen, points_taken("kaggle-15", "mtfl-5"));
  for (std::size_t k = 0; k < of_five.size(); k++) {
    EXPECT_NEAR(of_five[k].x, of_fifteen[k].x, 1e-5) << five.point_names[k];
    EXPECT_NEAR(of_five[k].y, of_fifteen[k].y, 1e-5) << five.point_names[k];
  }
}

TEST(Derivations, TakeMeansOfKnownPoints) {
  const Points points{{0, 10}, {4, 30}, unknown_point()};
  const Points made = taken(points, {{0, 1}, {2}, {1, 2}});
  EXPECT_EQ(made[0].x, 2);
  EXPECT_EQ(made[0].y, 20);
  EXPECT_FALSE(is_known(made[1]));
  EXPECT_FALSE(is_known(made[2]));
}

/// A picture with an AAM shape file, point k at (0.01·k, 0.012·k) of its size.
void write_shape(const test::TemporaryFolder& folder, int points) {
  cv::imwrite((folder / "01_01.png").string(), cv::Mat(100, 200, CV_8UC1, cv::Scalar(90)));
  std::string text = std::to_string(points) + "\n";
  for (int k = 0; k < points; k++) text += "0 0 " + std::to_string(0.01 * k) + " " + std::to_string(0.012 * k) + " 0 0 0\n";
  test::write(folder / "01_01.asf", text + "01_01.png\n");
}

TEST(ReadDataset, TakesTheNoseOfSetsWithOtherPoints) {
  const test::TemporaryFolder folder;
  for (const auto& [points, nose] : {std::pair(73, 45), std::pair(58, 52)}) {
    write_shape(folder, points);
    const auto samples = read_dataset("asf:.", folder.path(), scheme("nose-1")).samples;
    ASSERT_EQ(samples.size(), 1u);
    ASSERT_EQ(samples[0].points.size(), 1u);
    EXPECT_NEAR(samples[0].points[0].x, 2 * nose - 0.5, 1e-3) << points;
    EXPECT_NEAR(samples[0].box().width, 2 * (points - 1), 1e-3) << "the face box is that of all points";
  }
}

TEST(ReadDataset, SaysWhichPointsASetHasNot) {
  const test::TemporaryFolder folder;
  write_shape(folder, 7);
  try {
    read_dataset("asf:.", folder.path(), scheme("nose-1"));
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::AllOf(testing::HasSubstr("it has 7 points, the scheme 1"), testing::HasSubstr("ibug-68"),
                                         testing::HasSubstr("imm-73")));
  }
}

TEST(Sample, OfOnePointHasThePictureForItsFace) {
  const Sample sample{"", "", cv::Mat(60, 80, CV_8UC1), {{30, 40}}};
  EXPECT_EQ(sample.box(), cv::Rect2f(9.5f, -0.5f, 60, 60));
}

TEST(PointsToBox, IsTheSquareAroundThePointsUnlessTheyAreDerived) {
  const std::vector<Sample> own{{"a", "a", {}, {{40, 40}, {60, 42}, {50, 50}, {42, 60}, {58, 60}}}};
  const PointsToBox to_box = points_to_box(own, scheme("mtfl-5"));
  EXPECT_EQ(to_box.x, 0);
  EXPECT_EQ(to_box.y, 0);
  EXPECT_EQ(to_box.side, 1);
}

TEST(PointsToBox, IsTheMedianOverDerivedPoints) {
  const Points level{{40, 40}, {60, 40}, {50, 50}, {42, 60}, {58, 60}}, turned{{60, 40}, {60, 60}, {50, 50}, {40, 42}, {40, 58}};
  Points unknown = level;
  unknown[2] = unknown_point();
  std::vector<Sample> samples{{"a", "a", {}, level, 0, {35, 20, 40, 40}},
                              {"b", "b", {}, turned, 0, {40, 35, 40, 40}},
                              {"c", "c", {}, level, 0, {0, 0, 100, 100}},
                              {"d", "d", {}, unknown, 0, {0, 0, 100, 100}}};
  const PointsToBox to_box = points_to_box(samples, scheme("mtfl-5"));
  EXPECT_NEAR(to_box.x, 0.125, 1e-5);
  EXPECT_NEAR(to_box.y, -0.25, 1e-5);
  EXPECT_NEAR(to_box.side, 2, 1e-5);
  for (Sample& s : samples) s.points = {s.points[0]};
  EXPECT_EQ(points_to_box(samples, scheme("nose-1")).side, 1) << "of no account";
}

}  // namespace
}  // namespace fkp
