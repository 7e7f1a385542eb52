// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace fkp {

using Rng = std::mt19937_64;

inline float uniform(Rng& rng, float low, float high) { return std::uniform_real_distribution<float>(low, high)(rng); }
/// `low` to `high`, both included.
inline int any(Rng& rng, int low, int high) { return std::uniform_int_distribution<>(low, high)(rng); }
inline bool chance(Rng& rng, double share) { return uniform(rng, 0, 1) < static_cast<float>(share); }
/// A random element of a vector or an array, which must not be empty.
template <typename Container>
const auto& any_of(Rng& rng, const Container& all) {
  return all[std::uniform_int_distribution<std::size_t>(0, all.size() - 1)(rng)];
}

/// The order of an epoch: 0 … n − 1, in a random order that depends on seed and epoch alone.
std::vector<int> shuffled(int n, std::uint64_t seed, int epoch);

/// `count` of the groups (people, pictures); which ones depends on their names and the seed alone.
std::set<std::string> some_of(const std::set<std::string>& groups, int count, std::uint64_t seed);

}  // namespace fkp
