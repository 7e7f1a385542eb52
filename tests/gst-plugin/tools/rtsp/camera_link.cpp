// SPDX-License-Identifier: LGPL-2.1-or-later
#include "camera_link.h"

#include <gmock/gmock.h>

#include <cstdio>

#include "delays.h"
#include "status.h"

namespace fkp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using State = Link::State;
using Step = Link::Step;

const RetryConfig kRetry{seconds(1), seconds(30)};

BackOff even_back_off() {
  return BackOff(kRetry, [] { return 0.5; });
}

TEST(RtspBackOff, DoublesUpToTheLongest) {
  BackOff back_off = even_back_off();
  for (const int expected : {1, 2, 4, 8, 16, 30, 30, 30}) EXPECT_EQ(back_off.next(), seconds(expected));
  back_off.reset();
  EXPECT_EQ(back_off.next(), seconds(1));
}

TEST(RtspBackOff, SpreadsByAFifth) {
  EXPECT_EQ(BackOff(kRetry, [] { return 0.0; }).next(), milliseconds(800));
  EXPECT_EQ(BackOff(kRetry, [] { return 1.0; }).next(), milliseconds(1200));
}

class RtspLink : public testing::Test {
 protected:
  Step tick(milliseconds after, std::uint64_t frames) { return link_.tick(now_ += after, frames); }

  Time now_{seconds(1000)};
  Link link_{seconds(10), even_back_off()};
};

TEST_F(RtspLink, ConnectsAtOnceAndPlaysWithTheFirstFrame) {
  EXPECT_EQ(link_.state(), State::waiting);
  EXPECT_EQ(tick(milliseconds(0), 0), Step::connect);
  EXPECT_EQ(tick(seconds(5), 0), Step::none);
  EXPECT_EQ(link_.state(), State::connecting);
  EXPECT_EQ(tick(milliseconds(100), 1), Step::none);
  EXPECT_EQ(link_.state(), State::playing);
  EXPECT_EQ(link_.reconnections(), 0U);
}

TEST_F(RtspLink, GivesUpACameraThatNeverAnswers) {
  tick(milliseconds(0), 0);
  EXPECT_EQ(tick(milliseconds(9999), 0), Step::none);
  EXPECT_EQ(tick(milliseconds(1), 0), Step::disconnect);
  EXPECT_EQ(link_.state(), State::waiting);
  EXPECT_THAT(link_.reason(), HasSubstr("no frame for 10 s"));
  EXPECT_EQ(link_.until_next(now_), seconds(1));
  EXPECT_EQ(link_.until_next(now_ + seconds(3)), seconds(0)) << "it is due";
  EXPECT_EQ(tick(milliseconds(999), 0), Step::none);
  EXPECT_EQ(tick(milliseconds(1), 0), Step::connect);
  EXPECT_EQ(link_.tries(), 2U);
}

TEST_F(RtspLink, LosesACameraWhoseFramesStop) {
  tick(milliseconds(0), 7);  // frames of an earlier connection do not count
  tick(milliseconds(1), 7);
  EXPECT_EQ(link_.state(), State::connecting);
  tick(seconds(1), 8);
  EXPECT_EQ(tick(milliseconds(9999), 8), Step::none);
  EXPECT_EQ(tick(milliseconds(1), 8), Step::disconnect);
  EXPECT_EQ(tick(seconds(1), 8), Step::connect);
  tick(seconds(1), 9);
  EXPECT_EQ(link_.state(), State::playing);
  EXPECT_EQ(link_.reconnections(), 1U);
}

TEST_F(RtspLink, AsksACameraThatFailsAtOnceEverMoreSeldom) {
  std::uint64_t frames = 0;
  for (const int expected : {1, 2, 4}) {
    EXPECT_EQ(tick(seconds(30), frames), Step::connect);
    tick(seconds(1), ++frames);  // one frame, and it is lost
    link_.lost(now_, "reset by peer");
    EXPECT_EQ(link_.until_next(now_), seconds(expected));
  }
  EXPECT_EQ(link_.reason(), "reset by peer");
  tick(seconds(30), frames);
  for (int i = 0; i < 12; i++) tick(seconds(1), ++frames);  // it has become stable
  link_.lost(now_, "reset by peer");
  EXPECT_EQ(link_.until_next(now_), seconds(1));
}

TEST(RtspDelays, TellQuantilesToAFewPercent) {
  Delays delays;
  EXPECT_EQ(delays.quantile(0.5), 0);
  for (int i = 1; i <= 1000; i++) delays.add(milliseconds(i));
  delays.add(milliseconds(-5));
  EXPECT_NEAR(delays.quantile(0.5), 0.5, 0.025);
  EXPECT_NEAR(delays.quantile(0.99), 0.99, 0.05);
  EXPECT_NEAR(static_cast<double>(delays.up_to(0.2)), 200, 11);
  EXPECT_EQ(delays.up_to(0), 0U);
  EXPECT_EQ(delays.up_to(100), 1001U);
  EXPECT_NEAR(delays.sum(), 500.5, 1e-6);
  delays.add(std::chrono::hours(1000));
  EXPECT_EQ(delays.count(), 1002U);
}

TEST(RtspDelays, HaveALeastOne) {
  Delays delays;
  delays.add(milliseconds(20));
  EXPECT_NEAR(delays.quantile(0), 0.02, 0.001);
}

CameraStatus camera(const std::string& name, State state) {
  CameraStatus status;
  status.name = name;
  status.state = state;
  status.reason = "no frame for 10 s";
  status.retry_in = 4;
  return status;
}

TEST(RtspStatus, NamesThoseThatDoNotPlay) {
  CameraStatus playing = camera("door", State::playing), failed = camera("hall", State::playing);
  for (int i = 0; i < 100; i++) playing.recent.add(milliseconds(20));
  playing.reconnections = 1;
  failed.failed = true;
  const std::string line = status_line({playing, camera("gate", State::waiting), camera("yard", State::connecting), failed}, 10);
  EXPECT_THAT(line,
              AllOf(HasSubstr("1 of 4 cameras playing, 10.0 frames/s"), HasSubstr("; 0 dropped, 1 reconnection"),
                    HasSubstr("; gate: again in 4 s (no frame for 10 s)"), HasSubstr("; yard: connecting"), HasSubstr("; hall: failed")));
  EXPECT_THAT(line, Not(HasSubstr("door")));
  EXPECT_THAT(status_line(std::vector<CameraStatus>(9, camera("gate", State::waiting)), 0), HasSubstr("; 6 more"));
}

TEST(RtspStatus, SumsUpACamera) {
  CameraStatus status = camera("door", State::playing);
  status.received = 100;
  status.dropped = 2;
  for (int i = 0; i < 98; i++) status.delays.add(milliseconds(20));
  EXPECT_THAT(summary_line(status),
              AllOf(HasSubstr("door: 100 frames received, 2 dropped, 0 reconnections, delay 2"), Not(HasSubstr("clock"))));
}

TEST(RtspStatus, TellsTheWorstDelaysInMillisecondsAndAllThatWasDropped) {
  CameraStatus fast = camera("door", State::playing), slow = camera("gate", State::playing);
  for (int i = 0; i < 100; i++) fast.recent.add(milliseconds(20));
  for (int i = 0; i < 100; i++) slow.recent.add(milliseconds(i < 90 ? 200 : 2000));
  fast.dropped = 3;
  slow.dropped = 4;
  int median = 0, p99 = 0;
  for (const auto& cameras : {std::vector{fast, slow}, std::vector{slow, fast}}) {
    const std::string line = status_line(cameras, 50);
    ASSERT_EQ(std::sscanf(line.c_str(), "2 of 2 cameras playing, 50.0 frames/s, delay %d ms (99 %%: %d ms)", &median, &p99), 2) << line;
    EXPECT_NEAR(median, 205, 6);
    EXPECT_NEAR(p99, 2050, 60);
    EXPECT_THAT(line, HasSubstr("; 7 dropped"));
  }
}

TEST(RtspStatus, SumsUpDelaysByBothClocks) {
  CameraStatus status = camera("door", State::playing);
  for (int i = 0; i < 100; i++) status.delays.add(milliseconds(i < 90 ? 20 : 200));
  for (int i = 0; i < 100; i++) status.camera_delays.add(milliseconds(i < 90 ? 400 : 4000));
  const std::string line = summary_line(status);
  int of[4] = {};
  ASSERT_EQ(std::sscanf(line.substr(line.find("delay")).c_str(), "delay %d ms (median), %d ms (99 %%), by its own clock %d and %d ms",
                        &of[0], &of[1], &of[2], &of[3]),
            4)
      << line;
  EXPECT_NEAR(of[0], 20, 1);
  EXPECT_NEAR(of[1], 205, 6);
  EXPECT_NEAR(of[2], 410, 11);
  EXPECT_NEAR(of[3], 4100, 110);
}

}  // namespace
}  // namespace fkp
