// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/pace.h"

#include <algorithm>

namespace fkp {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000, kSecond = 1'000 * kMillisecond;
// What a thread's wake-up or a capture's jitter may cost a frame that waited for nothing.
constexpr std::int64_t kTolerance = 10 * kMillisecond;
// Passing frames on takes next to no time: who is still late after this long is late by something upstream.
constexpr std::int64_t kPatience = 2 * kSecond;
constexpr std::int64_t kWindow = 10 * kSecond;
constexpr std::int64_t kStep = 5 * kMillisecond;

std::int64_t rounded_up(std::int64_t t) { return (t + kStep - 1) / kStep * kStep; }

}  // namespace

bool Pace::due(std::int64_t age, std::int64_t now) {
  if (!punctual_ || age < *punctual_) punctual_ = age;
  if (age <= *punctual_ + kTolerance) {
    late_since_.reset();
    return true;
  }
  if (!late_since_) {
    late_since_ = now;
    least_late_ = age;
  }
  least_late_ = std::min(least_late_, age);
  if (now - *late_since_ < kPatience) return false;
  punctual_ = least_late_;
  late_since_.reset();
  return age <= *punctual_ + kTolerance;
}

bool Pace::took(std::int64_t duration, std::int64_t now) {
  const std::int64_t before = latency_;
  const bool over = now - recent_since_ >= kWindow;
  recent_ = std::max(recent_, duration);
  if (duration > latency_) latency_ = rounded_up(duration + duration / 4);  // with a margin, so that it settles soon
  if (over) {
    // Each change makes the pipeline adjust: worth it for a fall to half, not for less.
    if (recent_ < latency_ / 2) latency_ = rounded_up(recent_ + recent_ / 4);
    recent_ = 0;
    recent_since_ = now;
  }
  return latency_ != before;
}

void Pace::restart() {
  punctual_.reset();
  late_since_.reset();
}

}  // namespace fkp
