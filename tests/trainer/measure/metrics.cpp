// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/metrics.h"

#include <gtest/gtest.h>

namespace fkp {
namespace {

TEST(Nme, IsTheMeanDistanceOverTheNormaliser) {
  // mtfl-5 divides by the distance between the eyes: 20 pixels here.
  const Points truth{{10, 10}, {30, 10}, {20, 20}, {12, 30}, {28, 30}};
  Points found = truth;
  found[2].x += 3;
  found[3].y -= 2;
  EXPECT_NEAR(nme(found, truth, scheme("mtfl-5")), 100 * (5.0 / 5) / 20, 1e-6);
}

TEST(Nme, UsesTheBoxWhereTheSchemeNamesNoPair) {
  const Scheme pair = scheme_from_json(R"({"name": "s", "points": ["a", "b"]})");
  EXPECT_NEAR(nme({{0, 4}, {10, 0}}, {{0, 0}, {10, 0}}, pair), 20, 1e-6);
}

TEST(Nme, LeavesOutWhatIsNotKnown) {
  Points truth{{10, 10}, {30, 10}, {20, 20}, {12, 30}, {28, 30}};
  Points found = truth;
  found[3].y += 8;
  truth[2] = unknown_point();
  EXPECT_NEAR(nme(found, truth, scheme("mtfl-5")), 100 * (8.0 / 4) / 20, 1e-6);
  truth[0] = unknown_point();
  EXPECT_TRUE(std::isnan(nme(found, truth, scheme("mtfl-5")))) << "the eyes' distance is not known";
  truth[0] = truth[1];
  EXPECT_TRUE(std::isnan(nme(found, truth, scheme("mtfl-5")))) << "a label whose eyes are at one place measures nothing";
}

TEST(Summary, OfFourErrors) {
  const Summary s = summarise({2, 10, 4, 6});
  EXPECT_EQ(s.faces, 4);
  EXPECT_DOUBLE_EQ(s.mean, 5.5);
  EXPECT_DOUBLE_EQ(s.median, 5);
  EXPECT_DOUBLE_EQ(s.fr8, 25);
  EXPECT_DOUBLE_EQ(s.auc8, (6.0 / 8 + 4.0 / 8 + 2.0 / 8) / 4);
}

TEST(Summary, OfNothingIsEmpty) { EXPECT_EQ(summarise({}).faces, 0); }

}  // namespace
}  // namespace fkp
