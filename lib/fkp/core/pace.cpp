// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/pace.h"

#include <algorithm>

namespace fkp {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000, kSecond = 1'000 * kMillisecond;
constexpr std::int64_t kTolerance = 10 * kMillisecond;  // less than a frame: an analysis that is slightly too slow skips few
constexpr std::int64_t kBehind = 250 * kMillisecond;    // far more than jitter
constexpr std::int64_t kDrift = 2'000;                  // two clocks differ by less than one part in this many
// Passing frames on takes next to no time: a stream that is still behind after this long is delayed by something upstream.
constexpr std::int64_t kPatience = 2 * kSecond;
constexpr std::int64_t kWindow = 10 * kSecond;
constexpr std::int64_t kStep = 5 * kMillisecond;

std::int64_t with_margin(std::int64_t t) { return (t + t / 4 + kStep - 1) / kStep * kStep; }

}  // namespace

bool Pace::due(std::int64_t time, std::int64_t age) {
  if (time + kBehind < last_time_) restart();  // the stream's time began anew, or the frame before had a wrong time
  const bool late = behind(time, age);
  return !late && (!free_at_ || *free_at_ - time <= kTolerance);
}

bool Pace::behind(std::int64_t time, std::int64_t age) {
  if (least_age_) *least_age_ += std::max<std::int64_t>(0, time - last_time_) / kDrift;
  last_time_ = time;
  least_age_ = least_age_ ? std::min(*least_age_, age) : age;
  if (age <= *least_age_ + kBehind) {
    behind_since_.reset();
    return false;
  }
  if (!behind_since_) {
    behind_since_ = time;
    least_behind_ = age;
  }
  least_behind_ = std::min(least_behind_, age);
  if (time - *behind_since_ < kPatience) return true;
  least_age_ = least_behind_;
  behind_since_.reset();
  return false;
}

bool Pace::took(std::int64_t time, std::int64_t duration) {
  free_at_ = std::max(free_at_.value_or(time), time) + duration;
  const std::int64_t before = latency_;
  if (!window_) window_ = time;
  longest_[1] = std::max(longest_[1], std::min(longest_[0], duration));
  longest_[0] = std::max(longest_[0], duration);
  if (longest_[1] > latency_) latency_ = with_margin(longest_[1]);  // so that it settles soon
  if (time - *window_ >= kWindow) {
    // Each change makes the whole pipeline adjust: worth it for a drop to half, not for less.
    if (longest_[1] < latency_ / 2) latency_ = with_margin(longest_[1]);
    longest_ = {};
    window_ = time;
  }
  return latency_ != before;
}

void Pace::restart() {
  last_time_ = 0;
  free_at_.reset();
  least_age_.reset();
  window_.reset();
  longest_ = {};
}

}  // namespace fkp
