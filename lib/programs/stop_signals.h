// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

namespace fkp {

/// How often a user has asked a program to stop. Signals within a second of the last one that counted are the same wish: `timeout`,
/// torchrun and mpirun send one more to processes that the terminal has told already. For signal handlers, too.
class StopWishes {
 public:
  using Clock = std::chrono::steady_clock;

  /// Counts a signal that comes at that time; returns the number of wishes so far.
  int heard(Clock::time_point now = Clock::now()) noexcept {
    const std::int64_t time = std::chrono::nanoseconds(now.time_since_epoch()).count();
    if (count_ > 0 && time - last_ <= kEcho) return count_;
    last_ = time;
    return ++count_;
  }

 private:
  static constexpr std::int64_t kEcho = 1'000'000'000;  // nanoseconds
  std::atomic<int> count_{0};
  std::atomic<std::int64_t> last_{0};
  static_assert(decltype(count_)::is_always_lock_free && decltype(last_)::is_always_lock_free);
};

/// Whether this process was started to ignore a signal, as by nohup.
bool ignores(int signal);

/// Calls `handler` on Ctrl-C, SIGTERM and, unless it is ignored, at the end of the terminal.
void on_stop_signals(void (*handler)(int));

}  // namespace fkp
