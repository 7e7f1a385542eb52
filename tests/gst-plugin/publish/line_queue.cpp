// SPDX-License-Identifier: LGPL-2.1-or-later
#include "line_queue.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace fkp {
namespace {

constexpr LineQueue::Limits kWide{1000, 1 << 20};
constexpr std::size_t kAll = 1000;
const auto kPast = std::chrono::steady_clock::time_point();

std::vector<std::string> take_all(LineQueue& queue) {
  std::vector<std::string> lines;
  while (const auto line = queue.take(kAll)) lines.push_back(*line->text);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineQueue, GivesLinesInOrderAndKeepsThemUntilTheyAreSettled) {
  LineQueue queue(kWide);
  for (const char* line : {"a", "b", "c"}) EXPECT_TRUE(queue.push(line));
  const auto a = queue.take(kAll), b = queue.take(kAll);
  EXPECT_EQ(*a->text, "a");
  EXPECT_EQ(*b->text, "b");
  EXPECT_EQ(queue.counts().queued, 3u);
  EXPECT_EQ(queue.counts().in_flight, 2u);
  EXPECT_TRUE(queue.deliver(b->ticket));
  EXPECT_TRUE(queue.refuse(a->ticket));
  EXPECT_FALSE(queue.deliver(a->ticket));
  const LineCounts counts = queue.counts();
  EXPECT_EQ(counts.lines, 3u);
  EXPECT_EQ(counts.delivered, 1u);
  EXPECT_EQ(counts.refused, 1u);
  EXPECT_EQ(counts.queued, 1u);
  EXPECT_EQ(counts.in_flight, 0u);
  EXPECT_EQ(counts.queued_bytes, 1u);
}

TEST(LineQueue, BoundsWhatIsInFlight) {
  LineQueue queue(kWide);
  for (const char* line : {"a", "b", "c"}) queue.push(line);
  const auto a = queue.take(2);
  EXPECT_TRUE(queue.take(2));
  EXPECT_FALSE(queue.take(2));
  queue.deliver(a->ticket);
  EXPECT_TRUE(queue.take(2));
}

TEST(LineQueue, PutsBackWhatWasGivenBackInFrontInOrder) {
  LineQueue queue(kWide);
  for (const char* line : {"a", "b", "c", "d"}) queue.push(line);
  queue.take(kAll);
  const auto b = queue.take(kAll);
  queue.take(kAll);
  queue.deliver(b->ticket);
  queue.give_back();
  EXPECT_EQ(queue.counts().in_flight, 0u);
  EXPECT_EQ(take_all(queue), Lines({"a", "c", "d"}));
}

TEST(LineQueue, DropsTheOldestThatIsNotInFlightWhereItIsFull) {
  LineQueue queue({3, 1 << 20});
  for (const char* line : {"a", "b", "c"}) queue.push(line);
  const auto a = queue.take(kAll);
  EXPECT_FALSE(queue.push("d"));
  EXPECT_FALSE(queue.push("e"));
  EXPECT_EQ(queue.counts().dropped, 2u);
  EXPECT_TRUE(queue.deliver(a->ticket));
  EXPECT_TRUE(queue.push("f"));
  EXPECT_EQ(take_all(queue), Lines({"d", "e", "f"}));
}

TEST(LineQueue, DropsTheNewLineWhereAllAreInFlight) {
  LineQueue queue({1, 1 << 20});
  queue.push("a");
  const auto a = queue.take(kAll);
  EXPECT_FALSE(queue.push("b"));
  EXPECT_FALSE(queue.take(kAll));
  EXPECT_TRUE(queue.deliver(a->ticket));
}

TEST(LineQueue, BoundsItsBytes) {
  LineQueue queue({1000, 10});
  for (const char* line : {"1234", "5678"}) EXPECT_TRUE(queue.push(line));
  EXPECT_FALSE(queue.push("abcdef"));
  EXPECT_EQ(queue.counts().queued_bytes, 10u);
  EXPECT_FALSE(queue.push("one longer than all"));  // it displaces the others, and is dropped, too
  EXPECT_EQ(queue.counts().queued_bytes, 0u);
  EXPECT_EQ(queue.counts().dropped, 4u);
}

TEST(LineQueue, LosesNoCount) {
  LineQueue queue({7, 1 << 20});
  std::uint64_t settled = 0;
  for (int i = 0; i < 100; i++) {
    queue.push("line");
    if (i % 3 == 0) {
      if (const auto line = queue.take(2)) settled += i % 2 ? queue.deliver(line->ticket) : queue.refuse(line->ticket);
    }
    if (i % 10 == 0) queue.take(2);
    if (i % 17 == 0) queue.give_back();
  }
  const LineCounts c = queue.counts();
  EXPECT_EQ(c.lines, 100u);
  EXPECT_EQ(c.delivered + c.refused, settled);
  EXPECT_EQ(c.lines, c.delivered + c.refused + c.dropped + c.queued);
}

TEST(LineQueue, GivesUpAllThatIsLeft) {
  LineQueue queue(kWide);
  queue.push("a");
  queue.push("b");
  const auto a = queue.take(kAll);
  EXPECT_FALSE(queue.wait(kPast));
  queue.give_up();
  EXPECT_TRUE(queue.wait(kPast));
  EXPECT_EQ(queue.counts().dropped, 2u);
  EXPECT_FALSE(queue.deliver(a->ticket));
  queue.give_back();
  EXPECT_FALSE(queue.take(kAll));
}

TEST(LineQueue, WaitsNoLongerOnceInterrupted) {
  LineQueue queue({10, 1000});
  queue.push("a");
  std::thread other([&] { queue.interrupt(true); });
  EXPECT_FALSE(queue.wait(std::chrono::steady_clock::now() + std::chrono::hours(1)));
  other.join();
  EXPECT_TRUE(queue.interrupted());
  EXPECT_EQ(queue.counts().queued, 1u);
  queue.interrupt(false);
  EXPECT_FALSE(queue.wait(std::chrono::steady_clock::now()));
}

TEST(LineQueue, WakesWhoeverWaitsForItToBeEmpty) {
  LineQueue queue(kWide);
  queue.push("a");
  std::thread taker([&] { queue.deliver(queue.take(kAll)->ticket); });
  EXPECT_TRUE(queue.wait(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
  taker.join();
}

}  // namespace
}  // namespace fkp
