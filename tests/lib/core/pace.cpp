// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/pace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fkp {
namespace {

constexpr std::int64_t kMs = 1'000'000;

/// A live source of 30 frames a second before an analysis that takes `cost`; `offset`: what each frame is late by anyway.
struct Live {
  Pace pace;
  std::int64_t cost = 200 * kMs, offset = 0;
  std::int64_t free_at = 0;  // when the analysing thread is done with what came before
  int looked = 0, frames = 0;
  std::int64_t oldest = 0;

  void run(int count) {
    for (int i = 0; i < count; i++, frames++) {
      const std::int64_t shot = frames * 100 * kMs / 3;
      const std::int64_t comes = std::max(shot + offset, free_at);
      free_at = comes;
      if (pace.due(comes - shot, comes)) {
        looked++;
        free_at += cost;
        pace.took(cost, free_at);
      }
      oldest = std::max(oldest, free_at - shot);
    }
  }
};

TEST(Pace, LooksAtEveryFrameWhereThereIsTime) {
  Live live;
  live.cost = 5 * kMs;
  live.run(300);
  EXPECT_EQ(live.looked, 300);
}

TEST(Pace, KeepsTheAgeBoundedWhereAnalysisIsSlow) {
  Live live;
  live.run(30 * 120);
  EXPECT_GT(live.looked, 120 * 4) << "looks in two minutes at five a second";
  EXPECT_LE(live.oldest, live.pace.latency() + 10 * kMs);
  EXPECT_GE(live.pace.latency(), live.cost);
  EXPECT_LE(live.pace.latency(), live.cost * 3 / 2);
}

TEST(Pace, DoesNotTakeALateSourceForItsOwnFault) {
  Live live;
  live.cost = 5 * kMs;
  live.offset = 700 * kMs;
  live.run(300);
  EXPECT_EQ(live.looked, 300);
}

TEST(Pace, ResumesWhenTheSourceHasBecomeLaterForGood) {
  Live live;
  live.cost = 5 * kMs;
  live.run(60);
  live.offset = 500 * kMs;
  live.run(90);
  const int looked = live.looked;
  live.run(60);
  EXPECT_EQ(live.looked, looked + 60);
}

TEST(Pace, TellsTheLatencyOnceAndLowersItWhenAnalysisHasBecomeFaster) {
  Pace pace;
  EXPECT_EQ(pace.latency(), 0);
  EXPECT_TRUE(pace.took(100 * kMs, 0));
  EXPECT_EQ(pace.latency(), 125 * kMs);
  int changes = 0;
  for (int i = 1; i < 40; i++) changes += pace.took(100 * kMs, i * 1000 * kMs);
  EXPECT_EQ(changes, 0);
  for (int i = 40; i < 80; i++) changes += pace.took(20 * kMs, i * 1000 * kMs);
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(pace.latency(), 25 * kMs);
}

TEST(Pace, StartsAfreshWithAnotherClock) {
  Pace pace;
  EXPECT_TRUE(pace.due(0, 0));
  EXPECT_FALSE(pace.due(500 * kMs, 0));
  pace.restart();
  EXPECT_TRUE(pace.due(500 * kMs, 0));
}

}  // namespace
}  // namespace fkp
