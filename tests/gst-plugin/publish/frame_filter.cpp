// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame_filter.h"

#include <gtest/gtest.h>

namespace fkp {
namespace {

FrameRecord frame(std::vector<Face> faces) {
  FrameRecord record;
  record.width = 64;
  record.height = 48;
  record.faces = std::move(faces);
  return record;
}

Face face(std::uint32_t id, float x, bool held = false) { return {id, {x, 10, 20, 20}, 0.9f, held, {{x, 10, 1}, {x + 20, 10, 0.5f}}}; }

int published(double frames_a_second, double most, int frames) {
  FrameFilter filter;
  int count = 0;
  for (int i = 0; i < frames; i++)
    count += filter.wanted(frame({}), static_cast<std::uint64_t>(i * 1e9 / frames_a_second), {false, 0, most});
  return count;
}

TEST(FrameFilter, TakesAllAsItIs) { EXPECT_EQ(published(30, 0, 300), 300); }

TEST(FrameFilter, LimitsTheRate) {
  EXPECT_EQ(published(30, 10, 300), 100);
  EXPECT_EQ(published(30, 15, 300), 150);
  EXPECT_EQ(published(25, 10, 250), 100);  // the frame rate is not a multiple
  EXPECT_EQ(published(30, 0.5, 300), 5);
  EXPECT_EQ(published(10, 30, 100), 100);
  EXPECT_EQ(published(30000.0 / 1001, 30000.0 / 1001, 300), 300);
}

TEST(FrameFilter, DoesNotLimitFramesWithoutATime) {
  FrameFilter filter;
  for (int i = 0; i < 3; i++) EXPECT_TRUE(filter.wanted(frame({}), std::nullopt, {false, 0, 1}));
  EXPECT_TRUE(filter.wanted(frame({}), 100, {false, 0, 1}));
  EXPECT_TRUE(filter.wanted(frame({}), std::nullopt, {false, 0, 1}));
  EXPECT_FALSE(filter.wanted(frame({}), 200, {false, 0, 1})) << "nor forgets the last time for one";
}

TEST(FrameFilter, GoesOnWhereTheTimeStartsAnew) {
  FrameFilter filter;
  EXPECT_TRUE(filter.wanted(frame({}), 100, {false, 0, 1}));
  EXPECT_FALSE(filter.wanted(frame({}), 200, {false, 0, 1}));
  filter.restart_time();
  EXPECT_TRUE(filter.wanted(frame({}), 100, {false, 0, 1}));
}

TEST(FrameFilter, LeavesOutWhatIsTheSame) {
  FrameFilter filter;
  const auto wanted = [&](std::vector<Face> faces) { return filter.wanted(frame(std::move(faces)), std::nullopt, {true, 0, 0}); };
  EXPECT_TRUE(wanted({}));
  EXPECT_FALSE(wanted({}));
  EXPECT_TRUE(wanted({face(1, 5)}));
  EXPECT_FALSE(wanted({face(1, 5)}));
  EXPECT_TRUE(wanted({face(1, 5, true)}));
  EXPECT_TRUE(wanted({face(1, 5.5f, true)}));
  EXPECT_TRUE(wanted({face(2, 5.5f, true)}));
  EXPECT_TRUE(wanted({face(2, 5.5f, true), face(3, 9)}));
  EXPECT_TRUE(wanted({}));
  Face larger = face(1, 5);
  EXPECT_TRUE(wanted({larger}));
  larger.box.width = larger.box.height = 21;
  EXPECT_TRUE(wanted({larger})) << "its box alone has grown";
  FrameRecord other = frame({larger});
  other.width = 65;
  EXPECT_TRUE(filter.wanted(other, std::nullopt, {true, 0, 0})) << "coordinates refer to another size";
  other.height = 49;
  EXPECT_TRUE(filter.wanted(other, std::nullopt, {true, 0, 0}));
}

TEST(FrameFilter, SeesMovementSinceTheLastOnePublished) {
  FrameFilter filter;
  const auto wanted = [&](float x) { return filter.wanted(frame({face(1, x)}), std::nullopt, {true, 2, 0}); };
  EXPECT_TRUE(wanted(5));
  EXPECT_FALSE(wanted(6));
  EXPECT_FALSE(wanted(7));
  EXPECT_TRUE(wanted(7.1f));  // slow movement adds up
  EXPECT_FALSE(wanted(7.2f));
}

TEST(FrameFilter, ComparesWithNothingOlderThanWhatWasPublished) {
  FrameFilter filter;
  const auto wanted = [&](float x, bool changed) { return filter.wanted(frame({face(1, x)}), std::nullopt, {changed, 2, 0}); };
  EXPECT_TRUE(wanted(5, true));
  EXPECT_TRUE(wanted(50, false));
  EXPECT_TRUE(wanted(5, true)) << "subscribers last saw it elsewhere";
  EXPECT_FALSE(wanted(5, true));
}

TEST(FrameFilter, PublishesAChangeThatTheRateHeldBack) {
  FrameFilter filter;
  const FrameFilterOptions options{true, 0, 1};
  EXPECT_TRUE(filter.wanted(frame({}), 0, options));
  EXPECT_FALSE(filter.wanted(frame({face(1, 5)}), 500'000'000, options));
  EXPECT_TRUE(filter.wanted(frame({face(1, 5)}), 1'000'000'000, options));
}

}  // namespace
}  // namespace fkp
