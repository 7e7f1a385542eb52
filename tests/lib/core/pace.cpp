// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace fkp {
namespace {

constexpr std::int64_t kMs = 1'000'000;

/// A live source of 30 frames per second, followed by an analysis that takes `cost`.
struct Live {
  Pace pace;
  std::int64_t cost = 200 * kMs;
  std::int64_t offset = 0;      // constant delay of every frame
  double jitter = 0;            // standard deviation of an additional random delay, milliseconds
  double drift = 0;             // of the source's clock, as a fraction
  std::int64_t downstream = 0;  // time that the rest of the thread takes for each frame
  std::int64_t free_at = 0;     // when the analysing thread is done with the frames before
  int looked = 0, frames = 0, unseen = 0, longest_unseen = 0;
  std::int64_t oldest = 0;
  std::mt19937 rng{1};

  void run(int count) {
    std::normal_distribution<double> noise(0, jitter > 0 ? jitter : 1);
    for (int i = 0; i < count; i++, frames++) {
      const std::int64_t shot = frames * 100 * kMs / 3;
      const auto late = static_cast<std::int64_t>(static_cast<double>(shot) * drift + (jitter > 0 ? std::abs(noise(rng)) * kMs : 0));
      const std::int64_t comes = std::max(shot + offset + late, free_at);
      free_at = comes;
      unseen++;
      if (pace.due(shot, comes - shot)) {
        looked++;
        unseen = 0;
        free_at += cost;
        pace.took(shot, cost);
      }
      longest_unseen = std::max(longest_unseen, unseen);
      oldest = std::max(oldest, free_at - shot);
      free_at += downstream;
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

TEST(Pace, TakesNeitherJitterNorDriftForItsOwnFault) {
  for (double jitter : {0., 10., 40.})
    for (double drift : {-0.0004, 0., 0.0004}) {
      Live live;
      live.cost = 5 * kMs;
      live.jitter = jitter;
      live.drift = drift;
      live.run(30 * 600);
      EXPECT_EQ(live.looked, live.frames) << jitter << " ms, " << drift;
    }
}

TEST(Pace, LeavesTheRestOfASlowThreadItsTime) {
  Live live;
  live.cost = 10 * kMs;
  live.downstream = 30 * kMs;  // with analysis too slow for 33 ms a frame, without it fast enough
  live.run(30 * 120);
  EXPECT_GT(live.looked, live.frames / 5);
  EXPECT_LT(live.oldest, 400 * kMs);
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
  EXPECT_FALSE(pace.took(0, 100 * kMs)) << "one look may be an outlier";
  EXPECT_TRUE(pace.took(0, 100 * kMs));
  EXPECT_EQ(pace.latency(), 125 * kMs);
  int changes = 0;
  for (int i = 1; i < 40; i++) changes += pace.took(i * 1000 * kMs, 100 * kMs);
  EXPECT_EQ(changes, 0);
  for (int i = 40; i < 80; i++) changes += pace.took(i * 1000 * kMs, 20 * kMs);
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(pace.latency(), 25 * kMs);
}

TEST(Pace, LeavesASingleStallOut) {
  Pace pace;
  for (int i = 0; i < 100; i++) pace.took(i * 33 * kMs, i == 50 ? 3000 * kMs : 5 * kMs);
  EXPECT_EQ(pace.latency(), 10 * kMs);
}

TEST(Pace, LosesNoLookToAWrongTime) {
  Pace pace;
  const std::int64_t frame = 33 * kMs;
  std::int64_t clock = 0;
  int looks = 0;
  const auto push = [&](std::int64_t time) {
    if (pace.due(time, clock - time)) looks++, pace.took(time, 5 * kMs);
    clock += frame;
  };
  for (int i = 0; i < 30; i++) push(clock);
  push(clock + 60'000 * kMs);  // one frame far ahead
  for (int i = 0; i < 30; i++) push(clock);
  EXPECT_GE(looks, 60);
  looks = 0;
  const std::int64_t back = clock;  // and the stream's time starts over
  for (int i = 0; i < 30; i++) push(clock - back);
  EXPECT_EQ(looks, 30);
}

TEST(Pace, StartsAfreshAfterASeekBack) {
  Pace pace;
  for (int i = 0; i < 5; i++) pace.took(3600'000 * kMs, 100 * kMs);
  EXPECT_FALSE(pace.due(3600'050 * kMs, 0));
  pace.restart();
  EXPECT_TRUE(pace.due(0, 500 * kMs));
  for (int i = 0; i < 600; i++) pace.took(i * 33 * kMs, 5 * kMs);
  EXPECT_EQ(pace.latency(), 10 * kMs);
}

TEST(Pace, SkipsFewFramesWhereAnalysisIsSlightlyTooSlow) {
  Live live;
  live.cost = 34 * kMs;
  live.run(300);
  EXPECT_GT(live.looked, 280);
}

TEST(Pace, TakesATimeThatIsALittleEarlierForNoNewStream) {
  Pace pace;
  EXPECT_TRUE(pace.due(1000 * kMs, 0));
  pace.took(1000 * kMs, 200 * kMs);
  EXPECT_FALSE(pace.due(1040 * kMs, 0));
  EXPECT_FALSE(pace.due(1020 * kMs, 20 * kMs)) << "the frame before is still being analysed";
}

TEST(Pace, LeavesTheLatencyWhereAnalysisIsALittleFaster) {
  Pace pace;
  for (int i = 0; i < 2; i++) pace.took(0, 100 * kMs);
  ASSERT_EQ(pace.latency(), 125 * kMs);
  for (int i = 1; i < 40; i++) EXPECT_FALSE(pace.took(i * 1000 * kMs, 70 * kMs)) << i;
  EXPECT_EQ(pace.latency(), 125 * kMs);
}

TEST(Pace, MeasuresALaterSourceByItsLeastAge) {
  Pace pace;
  EXPECT_TRUE(pace.due(0, 0));
  EXPECT_FALSE(pace.due(100 * kMs, 900 * kMs));
  for (int i = 2; i < 21; i++) EXPECT_FALSE(pace.due(i * 100 * kMs, 500 * kMs)) << i;
  EXPECT_TRUE(pace.due(2100 * kMs, 500 * kMs)) << "later for good";
  EXPECT_FALSE(pace.due(2200 * kMs, 800 * kMs)) << "later than that";
}

}  // namespace
}  // namespace fkp
