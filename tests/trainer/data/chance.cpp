// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/chance.h"

#include <gmock/gmock.h>

namespace fkp {
namespace {

TEST(Shuffled, IsAnOrderThatSeedAndEpochDecide) {
  EXPECT_EQ(shuffled(20, 1, 3), shuffled(20, 1, 3));
  EXPECT_NE(shuffled(20, 1, 3), shuffled(20, 1, 4));
  EXPECT_NE(shuffled(20, 1, 3), shuffled(20, 2, 3));
  EXPECT_THAT(shuffled(4, 1, 0), testing::UnorderedElementsAre(0, 1, 2, 3));
}

TEST(SomeOf, AreAsManyAsAskedForAndThoseThatTheSeedDecides) {
  const std::set<std::string> groups{"a", "b", "c", "d", "e", "f", "g", "h"};
  EXPECT_TRUE(some_of(groups, 0, 1).empty());
  EXPECT_EQ(some_of(groups, 8, 1), groups);
  const auto three = some_of(groups, 3, 1);
  EXPECT_EQ(three.size(), 3u);
  EXPECT_EQ(three, some_of(groups, 3, 1));
  std::set<std::set<std::string>> draws;
  for (std::uint64_t seed = 0; seed < 20; seed++) draws.insert(some_of(groups, 3, seed));
  EXPECT_GT(draws.size(), 5u);
}

}  // namespace
}  // namespace fkp
