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

/// Identifies a line while it is in a LineQueue; never reused.
using Ticket = std::uint64_t;

struct QueuedLine {
  Ticket ticket;
  std::shared_ptr<const std::string> text;
};

/// What became of the lines: lines = delivered + dropped + refused + queued.
struct LineCounts {
  std::uint64_t lines = 0, delivered = 0, dropped = 0, refused = 0;
  std::uint64_t queued = 0, queued_bytes = 0, in_flight = 0;
  std::uint64_t longest_delivered = 0;  ///< bytes
};

/// Lines on their way to a destination that may be slow or gone, in order. A line that was taken stays in the queue, in flight,
/// until it is delivered, refused or given back. When the queue is full, the oldest lines that are not in flight are dropped.
/// Only wait() blocks. Thread-safe.
class LineQueue {
 public:
  struct Limits {
    std::size_t lines = 3000;
    std::size_t bytes = 64 << 20;
  };
  using Deadline = std::chrono::steady_clock::time_point;

  explicit LineQueue(Limits limits) : limits_(limits) {}

  /// False if lines were dropped because the queue was full.
  bool push(std::string line);
  /// The oldest line that is not in flight yet; from now on it is. None if there is no such line, or if `most_in_flight` already are.
  std::optional<QueuedLine> take(std::size_t most_in_flight);
  /// The line has arrived, or will never be accepted. False if there is no such line in flight, after give_up() for instance.
  bool deliver(Ticket ticket) { return settle(ticket, &LineCounts::delivered); }
  bool refuse(Ticket ticket) { return settle(ticket, &LineCounts::refused); }
  /// Puts the lines in flight back in their old places, to be taken again.
  void give_back();
  /// Drops all lines.
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
  Lines in_flight_, waiting_;  // all lines in flight are older than all waiting ones
  LineCounts counts_;
  bool interrupted_ = false;
};

}  // namespace fkp
