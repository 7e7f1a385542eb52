// SPDX-License-Identifier: LGPL-2.1-or-later
#include "line_queue.h"

#include <algorithm>
#include <iterator>

namespace fkp {

bool LineQueue::push(std::string line) {
  auto text = std::make_shared<const std::string>(std::move(line));
  const std::lock_guard lock(mutex_);
  counts_.queued_bytes += text->size();
  waiting_.push_back({++counts_.lines, std::move(text)});
  counts_.queued++;
  const std::uint64_t dropped = counts_.dropped;
  while (!waiting_.empty() && (counts_.queued > limits_.lines || counts_.queued_bytes > limits_.bytes)) drop(waiting_);
  return counts_.dropped == dropped;
}

std::optional<QueuedLine> LineQueue::take(std::size_t most_in_flight) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || in_flight_.size() >= most_in_flight) return std::nullopt;
  in_flight_.push_back(std::move(waiting_.front()));
  waiting_.pop_front();
  return in_flight_.back();
}

void LineQueue::give_back() {
  const std::lock_guard lock(mutex_);
  waiting_.insert(waiting_.begin(), std::make_move_iterator(in_flight_.begin()), std::make_move_iterator(in_flight_.end()));
  in_flight_.clear();
}

void LineQueue::give_up() {
  const std::lock_guard lock(mutex_);
  for (Lines* lines : {&in_flight_, &waiting_})
    while (!lines->empty()) drop(*lines);
  empty_.notify_all();
}

bool LineQueue::wait(Deadline deadline) {
  std::unique_lock lock(mutex_);
  empty_.wait_until(lock, deadline, [&] { return counts_.queued == 0 || interrupted_; });
  return counts_.queued == 0;
}

void LineQueue::interrupt(bool on) {
  const std::lock_guard lock(mutex_);
  interrupted_ = on;
  if (on) empty_.notify_all();
}

bool LineQueue::interrupted() const {
  const std::lock_guard lock(mutex_);
  return interrupted_;
}

LineCounts LineQueue::counts() const {
  const std::lock_guard lock(mutex_);
  LineCounts counts = counts_;
  counts.in_flight = in_flight_.size();
  return counts;
}

void LineQueue::drop(Lines& from) {
  counts_.queued--;
  counts_.queued_bytes -= from.front().text->size();
  counts_.dropped++;
  from.pop_front();
}

bool LineQueue::settle(Ticket ticket, std::uint64_t LineCounts::*as) {
  const std::lock_guard lock(mutex_);
  // Usually the first one: brokers answer in order.
  const auto line = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const QueuedLine& l) { return l.ticket == ticket; });
  if (line == in_flight_.end()) return false;
  counts_.queued--;
  counts_.queued_bytes -= line->text->size();
  counts_.*as += 1;
  if (as == &LineCounts::delivered) counts_.longest_delivered = std::max<std::uint64_t>(counts_.longest_delivered, line->text->size());
  in_flight_.erase(line);
  if (counts_.queued == 0) empty_.notify_all();
  return true;
}

}  // namespace fkp
