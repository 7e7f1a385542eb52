// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/inspect.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "drawing.h"

namespace fkp {
namespace {

Sample sample_at(float x, float side, const std::string& group) {
  const cv::Mat grey(200, 300, CV_8UC1, cv::Scalar(90));
  return {"a.png", group, grey, {{x, 50}, {x + side, 50}, {x + side / 2, 50 + side / 2}, {x, 50 + side}, {x + side, 50 + side}}};
}

TEST(Facts, CountWhatASetHolds) {
  std::vector<Sample> samples{sample_at(10, 40, "one"), sample_at(20, 80, "one"), sample_at(30, 60, "two")};
  samples[1].points[2] = unknown_point();
  samples[2].points[0].y += 60;  // rotated by 45°
  const SetFacts facts = facts_of(samples, scheme("mtfl-5"));
  EXPECT_EQ(facts.faces, 3);
  EXPECT_EQ(facts.groups, 2);
  EXPECT_NEAR(facts.known, 100 * 14.0 / 15, 1e-9);
  EXPECT_EQ(facts.width.median, 300);
  EXPECT_EQ(facts.side.least, 40);
  EXPECT_EQ(facts.side.most, 80);
  EXPECT_NEAR(facts.roll.least, -45, 1e-3);
  EXPECT_NEAR(facts.missing[2], 100.0 / 3, 1e-9);
  EXPECT_EQ(facts.missing[0], 0);
}

TEST(Facts, AreMediansAndOfRollsThatAreKnown) {
  std::vector<Sample> samples;
  for (const float side : {40.f, 50.f, 60.f, 70.f, 80.f}) samples.push_back(sample_at(10, side, "one"));
  samples[0].points[0] = unknown_point();
  for (Sample& s : samples) s.points[1].y += s.box().width / 4;
  const SetFacts facts = facts_of(samples, scheme("mtfl-5"));
  EXPECT_EQ(facts.side.median, 60);
  EXPECT_NEAR(facts.roll.least, 14.04, 0.01);
  EXPECT_NEAR(facts.roll.most, 14.04, 0.01);
}

TEST(ContactSheet, ShowsFacesFromAllOfASet) {
  std::vector<Sample> samples(4, sample_at(100, 40, "one"));
  for (std::size_t i = 0; i < 4; i++) samples[i].grey = cv::Mat(200, 300, CV_8UC1, cv::Scalar(60. * static_cast<double>(i)));
  const cv::Mat sheet = contact_sheet(samples, scheme("mtfl-5"), 2, nullptr);
  EXPECT_EQ(sheet.at<cv::Vec3b>(3, 3)[0], 0);
  EXPECT_EQ(sheet.at<cv::Vec3b>(3, Sheet::kTile + 3)[0], 120) << "the third";
}

TEST(ContactSheet, HasATileAFaceInRows) {
  const std::vector<Sample> samples(14, sample_at(10, 40, "one"));
  EXPECT_EQ(contact_sheet(samples, scheme("mtfl-5"), 14, nullptr).size(), cv::Size(Sheet::kColumns * Sheet::kTile, 2 * Sheet::kTile));
  EXPECT_EQ(contact_sheet(samples, scheme("mtfl-5"), 3, nullptr).rows, Sheet::kTile);
}

TEST(ContactSheet, MarksKnownPoints) {
  Sample sample = sample_at(100, 60, "one");
  const auto marked = [&] {
    cv::Mat marks;
    cv::inRange(contact_sheet({sample}, scheme("mtfl-5"), 1, nullptr), kMarkColor, kMarkColor, marks);
    return cv::countNonZero(marks);
  };
  const int all = marked();
  EXPECT_GT(all, 5);
  sample.points[2] = unknown_point();
  EXPECT_LT(marked(), all);
  EXPECT_GT(marked(), 0);
}

}  // namespace
}  // namespace fkp
