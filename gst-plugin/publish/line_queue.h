// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace fkp {

/// Names a line for as long as it is in a LineQueue; never used again.
using Ticket = std::uint64_t;

struct QueuedLine {
  Ticket ticket;
  std::shared_ptr<const std::string> text;
};

/// What became of the lines: lines = delivered + dropped + refused + queued.
struct LineCounts {
  std::uint64_t lines = 0, delivered = 0, dropped = 0, refused = 0;
  std::uint64_t queued = 0, queued_bytes = 0, in_flight = 0;
};

/// Lines on their way to a place that may be slow or gone, in order. A line that was taken stays here, in flight, until its
/// taker has settled it or gives it back. Where there is no room the oldest line that is not in flight goes. Nothing but
/// wait() waits; any thread may call.
class LineQueue {
 public:
  struct Limits {
    std::size_t lines = 3000;
    std::size_t bytes = 64 << 20;
  };
  using Deadline = std::chrono::steady_clock::time_point;

  explicit LineQueue(Limits limits) : limits_(limits) {}

  /// False where a line had to go for it.
  bool push(std::string line);
  /// The oldest line that is not in flight, which then is; none where there is none, or where `most_in_flight` are.
  std::optional<QueuedLine> take(std::size_t most_in_flight);
  /// It has arrived, or will never be accepted. False where there is no such line, as after give_up().
  bool deliver(Ticket ticket) { return settle(ticket, &LineCounts::delivered); }
  bool refuse(Ticket ticket) { return settle(ticket, &LineCounts::refused); }
  /// What is in flight waits again, in its old place.
  void give_back();
  /// Drops all that is left.
  void give_up();
  /// Waits until the queue is empty; false if it is not by the deadline, or if the wait is interrupted.
  bool wait(Deadline deadline);
  /// While `on`, wait() returns at once.
  void interrupt(bool on);
  bool interrupted() const;

  LineCounts counts() const;

 private:
  using Lines = std::deque<QueuedLine>;
  void drop(Lines& from);
  bool settle(Ticket ticket, std::uint64_t LineCounts::*as);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  Lines in_flight_, waiting_;  // all in flight are older than all that wait
  LineCounts counts_;
  bool interrupted_ = false;
};

}  // namespace fkp
