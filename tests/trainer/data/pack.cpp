// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/pack.h"

#include <gmock/gmock.h>

#include <fstream>

#include "data/keypoint_data.h"
#include "drawn_hands.h"
#include "fkp/core/error.h"
#include "readers/readers.h"
#include "recipe/recipe.h"

namespace fkp {
namespace {

using testing::HasSubstr;

class PackTest : public testing::Test {
 protected:
  PackTest() : scheme_(read_recipe(hands_ / "hands.toml").scheme), original_(read_dataset("csv:hands.csv", hands_.path(), scheme_)) {
    original_.samples[0].points[3] = unknown_point();
  }
  Dataset packed(const PackOptions& options) {
    write_pack(original_, scheme_, options, hands_ / "a.pack");
    return read_dataset("pack:a.pack", hands_.path(), scheme_);
  }
  std::string why_not(const std::string& bytes) {
    std::ofstream(hands_ / "broken.pack", std::ios::binary) << bytes;
    try {
      read_dataset("pack:broken.pack", hands_.path(), scheme_);
    } catch (const Error& e) {
      return e.what();
    }
    return "nothing";
  }

  const test::DrawnHands hands_;
  const Scheme scheme_;
  Dataset original_;
};

TEST_F(PackTest, KeepsPixelsPointsGroupsAndRefusals) {
  const Dataset read = packed({1.2f, 0, 0});
  ASSERT_EQ(read.samples.size(), original_.samples.size());
  for (std::size_t i = 0; i < read.samples.size(); i++) {
    const Sample &a = original_.samples[i], &b = read.samples[i];
    EXPECT_EQ(a.picture, b.picture);
    EXPECT_EQ(a.group, b.group);
    const int x = cvRound(a.points[0].x - b.points[0].x), y = cvRound(a.points[0].y - b.points[0].y);
    for (std::size_t k = 0; k < a.points.size(); k++) {
      ASSERT_EQ(is_known(a.points[k]), is_known(b.points[k]));
      if (!is_known(a.points[k])) continue;
      EXPECT_NEAR(a.points[k].x, b.points[k].x + static_cast<float>(x), 1e-4);
      EXPECT_NEAR(a.points[k].y, b.points[k].y + static_cast<float>(y), 1e-4);
    }
    const cv::Rect place(x, y, b.grey.cols, b.grey.rows);
    EXPECT_EQ(cv::norm(a.grey(place), b.grey, cv::NORM_INF), 0) << "PNG loses nothing";
  }
  ASSERT_EQ(read.refused.size(), 1u);
  EXPECT_EQ(read.refused[0].where, original_.refused[0].where);
  EXPECT_EQ(read.refused[0].reason, original_.refused[0].reason);
  EXPECT_EQ(scheme_of_pack(hands_ / "a.pack").name, "hand-21");
}

TEST_F(PackTest, KeepsTheFaceBoxOfFacesWhosePointsAreSomeOfAll) {
  for (Sample& s : original_.samples) s.face = {s.points[9].x - 20, s.points[9].y - 30, 50, 50};
  for (const int side : {0, 25}) {
    const Dataset read = packed({1.5f, side, 0});
    for (std::size_t i = 1; i < read.samples.size(); i++) {
      const Sample& s = read.samples[i];
      const float scale = side ? 0.5f : 1.f;
      EXPECT_NEAR(s.box().width, 50 * scale, 0.6);
      EXPECT_NEAR(s.box().x, s.points[9].x - 20 * scale, 0.6);
      EXPECT_NEAR(s.box().y, s.points[9].y - 30 * scale, 0.6);
      EXPECT_NEAR(std::max(s.grey.cols, s.grey.rows), 75 * scale, 2) << "one and a half times the face box";
    }
  }
}

TEST_F(PackTest, KeepsWhereThePicturesOtherFacesAre) {
  for (Sample& s : original_.samples) s.others = {{s.points[9].x + 30, s.points[9].y - 40, 20, 10}, {0, 0, 1, 1}};
  const Dataset read = packed({1.5f, 0, 0});
  for (std::size_t i = 1; i < read.samples.size(); i++) {
    const Sample& s = read.samples[i];
    ASSERT_EQ(s.others.size(), 2u);
    EXPECT_NEAR(s.others[0].x, s.points[9].x + 30, 1e-3);
    EXPECT_NEAR(s.others[0].y, s.points[9].y - 40, 1e-3);
    EXPECT_NEAR(s.others[0].width, 20, 1e-3);
    EXPECT_NEAR(s.others[0].height, 10, 1e-3);
  }
}

TEST_F(PackTest, KeepsWholePicturesForNetworksThatLookAtThem) {
  PackOptions whole{1.2f, 0, 0};
  whole.whole_picture = true;
  const Dataset read = packed(whole);
  for (std::size_t i = 1; i < read.samples.size(); i++) {
    EXPECT_EQ(cv::norm(original_.samples[i].grey, read.samples[i].grey, cv::NORM_INF), 0);
    EXPECT_NEAR(original_.samples[i].points[9].x, read.samples[i].points[9].x, 1e-4);
  }
}

TEST_F(PackTest, KeepsTheWholePictureOfAFaceOutsideIt) {
  original_.samples[1].face = {-500, -500, 20, 20};
  const Dataset read = packed({1.2f, 0, 0});
  EXPECT_EQ(read.samples[1].grey.size(), original_.samples[1].grey.size());
}

TEST_F(PackTest, ShrinksFacesWithTheirPoints) {
  const Dataset read = packed({3, 40, 90});
  for (std::size_t i = 1; i < read.samples.size(); i++) {
    const Sample &a = original_.samples[i], &b = read.samples[i];
    EXPECT_NEAR(face_box(b.points).width, 40, 0.6);
    // Pixel centres are at integers: the middle of the picture stays its middle.
    const float scale = static_cast<float>(b.grey.cols) / static_cast<float>(a.grey.cols);
    EXPECT_NEAR(b.points[9].x, (a.points[9].x + 0.5f) * scale - 0.5f, 1e-3);
  }
}

TEST_F(PackTest, GivesThePointsThatTheSetsInItWouldGive) {
  Sample imm{"a_1.png", "a", original_.samples[1].grey, {}};
  for (int k = 0; k < 73; k++) imm.points.push_back({10 + static_cast<float>(k), 20 + static_cast<float>(k % 9)});
  write_pack({{imm}, {}}, scheme("imm-73"), {}, hands_ / "imm.pack");
  const Dataset noses = read_dataset("pack:imm.pack", hands_.path(), scheme("nose-1"));
  ASSERT_EQ(noses.samples.size(), 1u);
  EXPECT_EQ(noses.samples[0].points[0].x, imm.points[45].x);
  EXPECT_EQ(noses.samples[0].box().width, face_box(imm.points).width) << "around all points of the set";

  Recipe recipe;
  recipe.root = hands_.path();
  recipe.sets = {{"pack:imm.pack"}};
  recipe.scheme = scheme("imm-58");
  recipe.other_schemes = {scheme("imm-73")};
  EXPECT_EQ(with_scheme_of_data(recipe).scheme.name, "imm-73");
}

TEST_F(PackTest, SaysWhatIsWrongWithAFile) {
  packed({});
  const std::string whole = test::read(hands_ / "a.pack");
  EXPECT_EQ(why_not(whole), "nothing");
  EXPECT_THAT(why_not("PK"), HasSubstr("broken.pack is no packed set"));
  EXPECT_THAT(why_not(whole.substr(0, 300)), HasSubstr("breaks off"));
  EXPECT_THAT(why_not(whole.substr(0, whole.size() - 10)), HasSubstr("breaks off"));
  try {
    read_dataset("pack:a.pack", hands_.path(), scheme("ibug-68"));
    FAIL() << "hands have no eyes";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("a.pack holds points of the scheme 'hand-21', not of 'ibug-68'"));
  }
  EXPECT_THROW(read_dataset("pack:absent.pack", hands_.path(), scheme_), Error);
}

}  // namespace
}  // namespace fkp
