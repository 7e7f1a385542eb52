// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/statistics.h"

#include <gtest/gtest.h>

namespace fkp {
namespace {

using std::chrono::milliseconds;

TEST(Statistics, Count) {
  Statistics s;
  s.count(Count::frames);
  s.count(Count::frames, 4);
  EXPECT_EQ(s[Count::frames], 5u);
  EXPECT_EQ(s[Count::held], 0u);
}

TEST(Statistics, GiveMeanAndPercentileOfAStage) {
  Statistics s;
  EXPECT_EQ(s[Stage::crop].mean, 0);
  EXPECT_EQ(s[Stage::crop].p99, 0);
  for (int i = 1; i <= 200; i++) s.add(Stage::crop, milliseconds(i));
  EXPECT_NEAR(s[Stage::crop].mean, 100.5, 1e-9);
  EXPECT_NEAR(s[Stage::crop].p99, 198, 1);
  EXPECT_EQ(s[Stage::infer].mean, 0);
}

TEST(Statistics, TakeThePercentileOfTheLastThousandRuns) {
  Statistics s;
  for (int i = 0; i < 500; i++) s.add(Stage::map, milliseconds(90));
  for (int i = 0; i < 1000; i++) s.add(Stage::map, milliseconds(10));
  EXPECT_EQ(s[Stage::map].p99, 10);
}

TEST(Timer, AddsTheTimeOfItsLife) {
  Statistics s;
  { const Timer timer(s, Stage::smooth); }
  EXPECT_GT(s[Stage::smooth].mean, 0);
}

}  // namespace
}  // namespace fkp
