// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "config.h"

namespace fkp {

using Time = std::chrono::steady_clock::time_point;

/// How long to wait before the next attempt: twice as long each time, give or take a fifth, so that the cameras behind one switch do
/// not come back all at once.
class BackOff {
 public:
  /// `random` gives numbers in [0, 1).
  BackOff(const RetryConfig& config, std::function<double()> random) : config_(config), random_(std::move(random)) {}

  std::chrono::milliseconds next();
  void reset() { tries_ = 0; }

 private:
  RetryConfig config_;
  std::function<double()> random_;
  int tries_ = 0;
};

/// The state of a camera's connection: it connects, plays while frames come, is lost when they stop, and waits for its next attempt.
/// It only decides: everything is passed in, including the time.
class Link {
 public:
  enum class State { waiting, connecting, playing };
  enum class Step { none, connect, disconnect };

  /// Starts as waiting; the first tick connects.
  Link(std::chrono::milliseconds timeout, BackOff back_off) : timeout_(timeout), back_off_(std::move(back_off)) {}

  /// What to do now. `frames`: the number of frames received so far, through all connections.
  Step tick(Time now, std::uint64_t frames);

  /// The connection has failed or ended; the caller disconnects it.
  void lost(Time now, const std::string& reason);

  State state() const { return state_; }
  const std::string& reason() const { return reason_; }           ///< for the last loss; empty if there was none
  std::uint64_t reconnections() const { return reconnections_; }  ///< times it played again
  std::uint64_t tries() const { return tries_; }                  ///< attempts to connect
  std::chrono::milliseconds until_next(Time now) const;           ///< while it is waiting

 private:
  void play(Time now);

  std::chrono::milliseconds timeout_;
  BackOff back_off_;
  State state_ = State::waiting;
  Time since_{};       ///< start of the state
  Time last_frame_{};  ///< or start of the state, if no frame has come since
  Time next_{};        ///< of the next attempt
  std::uint64_t frames_ = 0;
  std::uint64_t tries_ = 0, plays_ = 0, reconnections_ = 0;
  std::string reason_;
};

}  // namespace fkp
