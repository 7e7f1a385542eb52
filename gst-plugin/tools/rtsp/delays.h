// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <chrono>
#include <cstdint>

namespace fkp {

/// Counts delays in classes that are 5 % wide, from 0.1 ms to a day: any number of them in the same small memory.
class Delays {
 public:
  void add(std::chrono::nanoseconds delay);  ///< below zero counts as zero
  void clear() { *this = {}; }

  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }  ///< seconds

  /// Seconds that the share `q` of them did not exceed, at most 5 % too much; 0 where there is none.
  double quantile(double q) const;

  /// How many took no longer than so many seconds, to 5 % of it.
  std::uint64_t up_to(double seconds) const;

 private:
  static constexpr int kClasses = 423;
  static double upper(int index);
  std::array<std::uint64_t, kClasses> classes_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

}  // namespace fkp
