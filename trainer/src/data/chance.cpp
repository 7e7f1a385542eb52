// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/chance.h"

#include <algorithm>
#include <numeric>

namespace fkp {

std::vector<int> shuffled(int n, std::uint64_t seed, int epoch) {
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::seed_seq seeds{seed, static_cast<std::uint64_t>(epoch)};
  Rng rng(seeds);
  std::shuffle(order.begin(), order.end(), rng);
  return order;
}

std::set<std::string> some_of(const std::set<std::string>& groups, int count, std::uint64_t seed) {
  const std::vector<std::string> names(groups.begin(), groups.end());
  const auto order = shuffled(static_cast<int>(names.size()), seed, -1);
  std::set<std::string> some;
  for (int i = 0; i < count; i++) some.insert(names[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
  return some;
}

}  // namespace fkp
