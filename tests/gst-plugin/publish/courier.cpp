// SPDX-License-Identifier: LGPL-2.1-or-later
#include "courier.h"

#include <gmock/gmock.h>
#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <limits>
#include <mutex>
#include <vector>

namespace fkp {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// How the test wants the broker to behave, and what happened to it. All under one mutex.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  bool up = true;                                               // otherwise open() and work() fail
  bool silent = false;                                          // confirms nothing
  std::size_t takes = std::numeric_limits<std::size_t>::max();  // lines, before it is silent
  bool stuck = false;                                           // hangs in open()
  std::string refuses;                                          // the line to refuse
  std::string breaks_at;                                        // the line that breaks the connection
  std::vector<std::string> arrived;
  int opened = 0, closed = 0;
  bool gone = false;  // whether the broker's client is destroyed

  template <typename Change>
  void change(Change&& work) {
    const std::lock_guard lock(mutex);
    work();
    changed.notify_all();
  }
  template <typename Condition>
  bool wait(Condition&& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::minutes(1), condition);
  }
};

class FakeBroker : public Broker {
 public:
  FakeBroker(std::shared_ptr<Script> script, BrokerEvents& events) : script_(std::move(script)), events_(events) {}
  ~FakeBroker() override {
    script_->change([&] { script_->gone = true; });
  }
  std::string name() const override { return "fake://"; }
  void open() override {
    ready_ = false;
    events_.restarted();
    std::unique_lock lock(script_->mutex);
    script_->opened++;
    script_->changed.notify_all();
    script_->changed.wait(lock, [&] { return !script_->stuck; });
    if (!script_->up) throw Error(ErrorKind::unwritable, "nobody there");
    ready_ = true;
    events_.answered();
  }
  bool ready() const override { return ready_; }
  void send(const QueuedLine& line) override { sent_.push_back(line); }
  void work(int wake, milliseconds) override {
    if (sent_.empty()) {
      pollfd fd{wake, POLLIN, 0};
      poll(&fd, 1, 10);
    }
    std::vector<Ticket> delivered, refused;
    script_->change([&] {
      if (!script_->up) {
        sent_.clear();
        throw Error(ErrorKind::unwritten, "gone");
      }
      if (std::any_of(sent_.begin(), sent_.end(), [&](const QueuedLine& line) { return *line.text == script_->breaks_at; })) {
        sent_.clear();
        throw Error(ErrorKind::unwritten, "hung up");
      }
      if (script_->silent || script_->arrived.size() >= script_->takes) return;
      for (const QueuedLine& line : sent_) {
        if (*line.text != script_->refuses) script_->arrived.push_back(*line.text);
        (*line.text == script_->refuses ? refused : delivered).push_back(line.ticket);
      }
      sent_.clear();
    });
    for (Ticket ticket : delivered) events_.delivered(ticket);
    for (Ticket ticket : refused) events_.refused(ticket, "not to my taste");
    script_->changed.notify_all();
  }
  void close() override {
    script_->change([&] { script_->closed++; });
  }

 private:
  std::shared_ptr<Script> script_;
  BrokerEvents& events_;
  bool ready_ = false;
  std::vector<QueuedLine> sent_;
};

class CourierTest : public testing::Test {
 protected:
  CourierTest() {
    options_.first_delay = milliseconds(1);
    options_.longest_delay = milliseconds(4);
    options_.drain = std::chrono::minutes(1);
  }

  Courier& courier() {
    if (!courier_)
      courier_ = std::make_unique<Courier>(
          options_, [this](const Notice& notice) { script_->change([&] { notices_.push_back(notice); }); },
          [this](BrokerEvents& events) { return std::make_unique<FakeBroker>(script_, events); });
    return *courier_;
  }
  void write(int from, int to) {
    for (int i = from; i < to; i++) courier().write(std::to_string(i));
  }
  std::vector<std::string> numbers(int from, int to) const {
    std::vector<std::string> all;
    for (int i = from; i < to; i++) all.push_back(std::to_string(i));
    return all;
  }
  std::vector<std::string> warnings() {
    std::vector<std::string> texts;
    script_->change([&] {
      for (const Notice& n : notices_)
        if (n.warning) texts.push_back(n.text);
    });
    return texts;
  }

  /// Waits until that many outages have been reported.
  bool troubles(long count) {
    return script_->wait([&] {
      return std::count_if(notices_.begin(), notices_.end(), [](const Notice& n) { return n.text.find("://:") != std::string::npos; }) ==
             count;
    });
  }

  CourierOptions options_;
  const std::shared_ptr<Script> script_ = std::make_shared<Script>();
  std::vector<Notice> notices_;  // under the script's mutex
  std::unique_ptr<Courier> courier_;
};

TEST_F(CourierTest, DeliversInOrder) {
  write(0, 500);
  courier().flush();
  EXPECT_EQ(script_->arrived, numbers(0, 500));
  const SinkStats stats = courier().stats();
  EXPECT_EQ(stats.counts.delivered, 500u);
  EXPECT_TRUE(stats.connected);
  EXPECT_EQ(stats.connections, 1u);
  courier_.reset();
  EXPECT_EQ(script_->closed, 1);
  EXPECT_TRUE(notices_.empty());
}

TEST_F(CourierTest, KeepsAllThroughAnOutageWithOneWarning) {
  write(0, 100);
  courier().flush();
  script_->change([&] { script_->up = false; });
  write(100, 200);
  int opened = 0;
  script_->change([&] { opened = script_->opened; });
  ASSERT_TRUE(script_->wait([&] { return script_->opened > opened + 20; }));
  script_->change([&] { script_->up = true; });
  courier().flush();
  EXPECT_EQ(script_->arrived, numbers(0, 200));
  EXPECT_EQ(courier().stats().connections, 2u);
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("fake://: gone")));
  EXPECT_EQ(notices_.back().text, "fake:// answers again");
}

TEST_F(CourierTest, SendsAgainWhatWasNotConfirmed) {
  script_->silent = true;
  write(0, 5);
  ASSERT_TRUE(script_->wait([&] { return courier().stats().counts.in_flight == 5; }));
  script_->change([&] { script_->up = false; });
  ASSERT_TRUE(script_->wait([&] { return script_->opened > 1; }));
  script_->change([&] { script_->up = true, script_->silent = false; });
  courier().flush();
  EXPECT_EQ(script_->arrived, numbers(0, 5));
}

TEST_F(CourierTest, CountsWhatItDropsInOneWarning) {
  options_.limits.lines = 50;
  script_->up = false;
  courier();
  ASSERT_TRUE(troubles(1));
  write(0, 300);
  EXPECT_EQ(courier().stats().counts.dropped, 250u);
  script_->change([&] { script_->up = true; });
  courier().flush();
  EXPECT_EQ(script_->arrived, numbers(250, 300));
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("nobody there"), HasSubstr("250 lines were dropped")));
  EXPECT_EQ(notices_.back().dropped, 250u);
}

TEST_F(CourierTest, WarnsOfEachTimeThatLinesAreDropped) {
  options_.limits.lines = 10;
  for (int round = 0; round < 2; round++) {
    script_->change([&] { script_->up = false; });
    courier();
    ASSERT_TRUE(troubles(round + 1));
    write(0, 30);
    script_->change([&] { script_->up = true; });
    courier().flush();
  }
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("://"), HasSubstr("20 lines"), HasSubstr("://"), HasSubstr("20 lines")));
}

TEST_F(CourierTest, WarnsOnceWhereBytesAreTheLimit) {
  options_.limits.bytes = 10;  // five lines of two
  options_.most_in_flight = 1;
  script_->up = false;
  courier();
  ASSERT_TRUE(troubles(1));
  write(10, 40);
  // It takes a line, and two more make the queue overflow again, which thus never drains to half.
  script_->change([&] { script_->up = true, script_->takes = 0; });
  for (int line = 40; line < 80; line += 2) {
    script_->change([&] { script_->takes++; });
    ASSERT_TRUE(script_->wait([&] { return script_->arrived.size() == script_->takes; }));
    write(line, line + 2);
  }
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("nobody there")));
  script_->change([&] { script_->takes = std::numeric_limits<std::size_t>::max(); });
}

TEST_F(CourierTest, GivesUpWhereTheTimeToDrainIsOver) {
  options_.drain = milliseconds(1);
  script_->up = false;
  write(0, 30);
  courier().flush();
  const LineCounts counts = courier().stats().counts;
  EXPECT_EQ(counts.queued, 0u);
  EXPECT_EQ(counts.dropped, 30u);
  EXPECT_THAT(warnings(), testing::Contains(HasSubstr("30 lines were dropped")));
}

TEST_F(CourierTest, DeliversBeforeItGoes) {
  write(0, 100);
  courier_.reset();
  EXPECT_EQ(script_->arrived, numbers(0, 100));
}

TEST_F(CourierTest, TriesAtOnceWhenItIsToDrain) {
  options_.first_delay = options_.longest_delay = std::chrono::minutes(10);
  script_->up = false;
  write(0, 3);
  ASSERT_TRUE(script_->wait([&] { return !notices_.empty(); }));
  script_->change([&] { script_->up = true; });
  courier().flush();
  EXPECT_EQ(script_->arrived, numbers(0, 3));
}

TEST_F(CourierTest, TellsOnceOfLinesThatAreRefused) {
  script_->refuses = "7";
  write(0, 10);
  write(7, 8);
  courier().flush();
  EXPECT_EQ(script_->arrived.size(), 9u);
  EXPECT_EQ(courier().stats().counts.refused, 2u);
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("not to my taste")));
}

TEST_F(CourierTest, GoesOnBehindALineThatBreaksEachConnection) {
  script_->breaks_at = "too long";
  write(0, 7);
  courier().write(script_->breaks_at);
  write(7, 20);
  courier().flush();
  EXPECT_EQ(script_->arrived, numbers(0, 20));
  EXPECT_EQ(courier().stats().counts.refused, 1u);
  EXPECT_THAT(warnings(), testing::Contains(HasSubstr("whenever it is sent; it has 8 bytes")));
}

TEST_F(CourierTest, KeepsLinesThatAreNoLongerThanOthers) {
  write(0, 3);
  courier().flush();
  script_->change([&] { script_->breaks_at = "3"; });
  write(3, 6);
  int opened = 0;
  script_->change([&] { opened = script_->opened; });
  ASSERT_TRUE(script_->wait([&] { return script_->opened > opened + 20; }));
  script_->change([&] { script_->breaks_at.clear(); });
  courier().flush();
  EXPECT_EQ(script_->arrived, numbers(0, 6));
}

TEST_F(CourierTest, LeavesAHangingClientToItself) {
  options_.drain = milliseconds(1);
  script_->stuck = true;
  write(0, 3);
  ASSERT_TRUE(script_->wait([&] { return script_->opened == 1; }));
  courier_.reset();  // returns all the same
  const auto before = warnings().size();
  script_->change([&] { script_->stuck = script_->up = false; });
  EXPECT_TRUE(script_->wait([&] { return script_->gone; }));
  EXPECT_EQ(warnings().size(), before);  // there is no listener any more
}

TEST_F(CourierTest, WaitsLongerAfterEachAttempt) {
  options_.first_delay = milliseconds(20);
  options_.longest_delay = std::chrono::minutes(10);
  options_.drain = milliseconds(1);
  script_->up = false;
  const auto start = std::chrono::steady_clock::now();
  write(0, 1);
  ASSERT_TRUE(script_->wait([&] { return script_->opened == 5; }));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(20 + 40 + 80 + 160));
}

TEST_F(CourierTest, BeginsWithAShortWaitAfterEachOutage) {
  options_.longest_delay = std::chrono::minutes(10);
  script_->up = false;
  write(0, 1);
  ASSERT_TRUE(script_->wait([&] { return script_->opened == 9; }));  // the next waits are 256, 512 … ms
  script_->change([&] { script_->up = true; });
  courier().flush();
  int opened = 0;
  script_->change([&] { script_->up = false, opened = script_->opened; });
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(script_->wait([&] { return script_->opened == opened + 5; }));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  script_->change([&] { script_->up = true; });
}

TEST_F(CourierTest, HurriesOnceForEachDrain) {
  options_.first_delay = options_.longest_delay = std::chrono::minutes(10);
  options_.drain = milliseconds(100);
  script_->up = false;
  write(0, 3);
  ASSERT_TRUE(script_->wait([&] { return !notices_.empty(); }));
  courier().flush();
  script_->change([&] { EXPECT_EQ(script_->opened, 2); });
}

}  // namespace
}  // namespace fkp
