// SPDX-License-Identifier: LGPL-2.1-or-later
#include "delays.h"

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

constexpr double kLeast = 1e-4;  // seconds
constexpr double kRatio = 1.05;

}  // namespace

double Delays::upper(int index) { return kLeast * std::pow(kRatio, index); }

void Delays::add(std::chrono::nanoseconds delay) {
  const double seconds = std::max(0.0, std::chrono::duration<double>(delay).count());
  const double index = seconds <= kLeast ? 0 : std::ceil(std::log(seconds / kLeast) / std::log(kRatio));
  classes_[static_cast<std::size_t>(std::min<double>(index, kClasses - 1))]++;
  count_++;
  sum_ += seconds;
}

double Delays::quantile(double q) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (int i = 0; i < kClasses; i++)
    if ((seen += classes_[static_cast<std::size_t>(i)]) >= std::max<std::uint64_t>(wanted, 1)) return upper(i);
  return upper(kClasses - 1);
}

std::uint64_t Delays::up_to(double seconds) const {
  std::uint64_t seen = 0;
  for (int i = 0; i < kClasses && upper(i) <= seconds * (1 + 1e-9); i++) seen += classes_[static_cast<std::size_t>(i)];
  return seen;
}

}  // namespace fkp
