// SPDX-License-Identifier: LGPL-2.1-or-later
#include "courier.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "wakeup.h"

namespace fkp {

using std::chrono::milliseconds;

// MQTT 3.1.1 lets a broker refuse a line, one that is too large for instance, only by hanging up. After so many connections in a row that
// broke without a confirmation, the lines under way are sent one at a time; after as many more, the one under way counts as the cause, if
// it is longer than all that were confirmed.
constexpr int kFruitless = 3;
constexpr milliseconds kFarewell(5000);  // for a client library to end; librdkafka takes one or two seconds if its broker is away

/// Everything that the thread needs; outlives the courier if the thread hangs.
class Courier::Worker : public BrokerEvents {
 public:
  Worker(const CourierOptions& options, Notify notify, const MakeBroker& make)
      : options_(options), queue_(options.limits), delay_(options.first_delay), notify_(std::move(notify)), broker_(make(*this)) {}

  void write(std::string line) {
    const bool room = queue_.push(std::move(line));
    wakeup_.signal();
    if (room || full_.exchange(true)) return;
    notify({false, ErrorKind::unwritten, "The queue for " + broker_name_ + " is full: the oldest lines are dropped from now on"});
  }

  void flush() {
    hurry();
    const bool settled = queue_.wait(std::chrono::steady_clock::now() + options_.drain);
    if (!settled && !queue_.interrupted()) queue_.give_up();
    tell_dropped();
  }

  void interrupt(bool on) { queue_.interrupt(on); }

  /// Tells the thread to end; returns whether it has ended in that time.
  bool end(milliseconds at_most) {
    std::unique_lock lock(mutex_);
    ending_ = true;
    wakeup_.signal();
    changed_.notify_all();
    return changed_.wait_for(lock, at_most, [&] { return ended_; });
  }

  void be_silent() {
    const std::lock_guard lock(notify_mutex_);
    notify_ = nullptr;
  }

  SinkStats stats() const { return {queue_.counts(), connected_, connections_}; }

  void run() {
    while (!ending_) {
      try {
        connect_and_work();
      } catch (const Error& e) {
        lost(e);
      } catch (const std::exception& e) {
        lost(Error(ErrorKind::unwritten, e.what()));
      }
    }
    broker_.reset();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  // BrokerEvents, from the thread
  void restarted() override { queue_.give_back(); }
  void answered() override {
    if (!connected_.exchange(true)) connections_++;
  }
  void delivered(Ticket ticket) override {
    answered();
    delay_ = options_.first_delay;
    fruitless_ = 0;
    if (singly_ > 0) singly_--;
    if (troubled_.exchange(false)) notify({false, ErrorKind::unwritten, broker_name_ + " answers again"});
    if (queue_.deliver(ticket) && full_ && is_half_empty()) tell_dropped();
  }
  void refused(Ticket ticket, const std::string& reason) override {
    if (queue_.refuse(ticket) && !refused_.exchange(true))
      notify({true, ErrorKind::unwritten, broker_name_ + " refused a line: " + reason + " (further refusals are only counted in stats)"});
  }
  void trouble(const Error& error) override {
    connected_ = false;
    if (troubled_.exchange(true)) return;
    notify({true, error.kind(), broker_name_ + ": " + error.what() + "; lines are kept until it answers, as many as the queue holds"});
  }

 private:
  void connect_and_work() {
    broker_->open();
    while (!ending_) {
      while (broker_->ready()) {
        const auto line = queue_.take(singly_ > 0 ? 1 : options_.most_in_flight);
        if (!line) break;
        last_sent_ = *line;
        broker_->send(*line);
      }
      broker_->work(wakeup_.fd(), milliseconds(1000));
      wakeup_.clear();
    }
    broker_->close();
  }

  void lost(const Error& error) {
    if (ending_) return;
    if (connected_ && queue_.counts().in_flight > 0) broke_without_confirmation();
    trouble(error);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, delay_, [&] { return ending_ || hurried_; });
    hurried_ = false;
    delay_ = std::min(2 * delay_, options_.longest_delay);
  }

  void broke_without_confirmation() {
    if (++fruitless_ < kFruitless) return;
    fruitless_ = 0;
    const std::size_t bytes = last_sent_.text->size(), longest = queue_.counts().longest_delivered;
    if (std::exchange(singly_, options_.most_in_flight) > 0 && longest > 0 && bytes > longest)
      refused(last_sent_.ticket, "the connection breaks whenever it is sent; it has " + std::to_string(bytes) + " bytes");
    broker_->forget();
  }

  bool is_half_empty() const {
    const LineCounts counts = queue_.counts();
    return counts.queued <= options_.limits.lines / 2 && counts.queued_bytes <= options_.limits.bytes / 2;
  }

  /// Makes the next attempt to connect due at once.
  void hurry() {
    const std::lock_guard lock(mutex_);
    hurried_ = true;
    changed_.notify_all();
  }

  void tell_dropped() {
    full_ = false;
    const std::lock_guard lock(notify_mutex_);  // two threads tell
    const std::uint64_t all = queue_.counts().dropped, now = all - std::exchange(told_, all);
    if (now > 0 && notify_)
      notify_(
          {true, ErrorKind::unwritten, std::to_string(now) + " lines were dropped: " + broker_name_ + " did not accept them in time", now});
  }

  void notify(const Notice& notice) {
    const std::lock_guard lock(notify_mutex_);
    if (notify_) notify_(notice);
  }

  const CourierOptions options_;
  LineQueue queue_;
  Wakeup wakeup_;
  std::atomic<bool> connected_{false}, troubled_{false}, full_{false}, refused_{false};
  std::atomic<std::uint64_t> connections_{0};
  std::uint64_t told_ = 0;  // dropped lines that warnings have reported; guarded by notify_mutex_

  // for the thread only
  milliseconds delay_;      // before the next attempt to connect
  int fruitless_ = 0;       // connections in a row that broke with lines under way, none of which was confirmed
  std::size_t singly_ = 0;  // lines that are still to be sent one at a time
  QueuedLine last_sent_{};

  std::mutex mutex_;  // guards the next three lines
  std::condition_variable changed_;
  bool hurried_ = false, ended_ = false;
  std::atomic<bool> ending_{false};

  std::mutex notify_mutex_;
  Notify notify_;
  std::unique_ptr<Broker> broker_;
  const std::string broker_name_ = broker_->name();
};

Courier::Courier(const CourierOptions& options, Notify notify, const MakeBroker& make)
    : worker_(std::make_shared<Worker>(options, std::move(notify), make)), thread_([worker = worker_] { worker->run(); }) {}

Courier::~Courier() {
  worker_->interrupt(false);
  worker_->flush();
  if (worker_->end(kFarewell)) {
    thread_.join();
  } else {
    worker_->be_silent();
    thread_.detach();
  }
}

void Courier::write(std::string line) { worker_->write(std::move(line)); }
void Courier::flush() { worker_->flush(); }
void Courier::interrupt(bool on) { worker_->interrupt(on); }
SinkStats Courier::stats() const { return worker_->stats(); }

}  // namespace fkp
