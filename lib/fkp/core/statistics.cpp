// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/statistics.h"

#include <algorithm>

namespace fkp {

void Statistics::count(Count what, std::uint64_t by) {
  const std::lock_guard lock(mutex_);
  counts_[static_cast<std::size_t>(what)] += by;
}

void Statistics::add(Stage stage, std::chrono::nanoseconds took) {
  const double ms = std::chrono::duration<double, std::milli>(took).count();
  const std::lock_guard lock(mutex_);
  Series& s = series_[static_cast<std::size_t>(stage)];
  if (s.last.size() < kRemembered)
    s.last.push_back(static_cast<float>(ms));
  else
    s.last[s.runs % kRemembered] = static_cast<float>(ms);
  s.sum += ms;
  s.runs++;
}

std::uint64_t Statistics::operator[](Count what) const {
  const std::lock_guard lock(mutex_);
  return counts_[static_cast<std::size_t>(what)];
}

Statistics::Times Statistics::operator[](Stage stage) const {
  std::vector<float> last;
  Times times;
  {
    const std::lock_guard lock(mutex_);
    const Series& s = series_[static_cast<std::size_t>(stage)];
    if (s.runs == 0) return times;
    times.mean = s.sum / static_cast<double>(s.runs);
    last = s.last;
  }
  const auto at = last.begin() + static_cast<std::ptrdiff_t>((last.size() - 1) * 99 / 100);
  std::nth_element(last.begin(), at, last.end());
  times.p99 = *at;
  return times;
}

}  // namespace fkp
