// SPDX-License-Identifier: LGPL-2.1-or-later
#include "camera_link.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace fkp {

std::chrono::milliseconds BackOff::next() {
  auto wait = config_.first;
  for (int i = 0; i < tries_ && wait < config_.longest; i++) wait *= 2;
  tries_++;
  const double spread = 0.8 + 0.4 * random_();
  return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(std::min(wait, config_.longest).count()) * spread));
}

Link::Step Link::tick(Time now, std::uint64_t frames) {
  if (state_ == State::waiting) {
    if (now < next_) return Step::none;
    state_ = State::connecting;
    since_ = last_frame_ = now;
    frames_ = frames;
    tries_++;
    return Step::connect;
  }
  if (frames != frames_) {
    frames_ = frames;
    last_frame_ = now;
    if (state_ == State::connecting) play(now);
    if (now - since_ >= timeout_) back_off_.reset();  // not earlier, so that a connection that keeps failing at once keeps backing off
    return Step::none;
  }
  if (now - last_frame_ < timeout_) return Step::none;
  lost(now, fmt::format("no frame for {:.3g} s", std::chrono::duration<double>(timeout_).count()));
  return Step::disconnect;
}

void Link::play(Time now) {
  state_ = State::playing;
  since_ = now;
  if (plays_++ > 0) reconnections_++;
}

void Link::lost(Time now, const std::string& reason) {
  state_ = State::waiting;
  reason_ = reason;
  next_ = now + back_off_.next();
}

std::chrono::milliseconds Link::until_next(Time now) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::max(next_ - now, Time::duration::zero()));
}

}  // namespace fkp
