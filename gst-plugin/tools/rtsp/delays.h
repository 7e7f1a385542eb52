// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <chrono>
#include <cstdint>

namespace fkp {

/// A histogram of delays, with classes that are 5 % wide, from 0.1 ms to a day. Its memory is small and constant.
class Delays {
 public:
  void add(std::chrono::nanoseconds delay);  ///< below zero counts as zero
  void clear() { *this = {}; }

  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }  ///< seconds

  /// The quantile `q` in seconds, at most 5 % too high; 0 if there are no delays.
  double quantile(double q) const;

  /// How many delays were no longer than that; the limit is accurate to 5 %.
  std::uint64_t up_to(double seconds) const;

 private:
  static constexpr int kClasses = 423;
  static double upper(int index);
  std::array<std::uint64_t, kClasses> classes_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

}  // namespace fkp
