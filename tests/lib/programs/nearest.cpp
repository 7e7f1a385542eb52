// SPDX-License-Identifier: LGPL-2.1-or-later
#include "programs/nearest.h"

#include <gmock/gmock.h>

namespace fkp {
namespace {

const std::vector<std::string> kKnown{"transport", "timeout", "user", "uri"};

TEST(Nearest, TakesTheNameWithTheFewestDifferentLetters) {
  EXPECT_EQ(nearest("trasport", kKnown), "transport");
  EXPECT_EQ(nearest("timeuot", kKnown), "timeout");
  EXPECT_EQ(nearest("urii", kKnown), "uri");
}

TEST(Nearest, TakesNoNameThatIsAltogetherAnother) {
  EXPECT_EQ(nearest("latency", kKnown), "");
  EXPECT_EQ(nearest("xyz", kKnown), "") << "three letters, all replaced";
  EXPECT_EQ(nearest("", kKnown), "");
}

TEST(Nearest, IsSuggestedBeforeAllNames) {
  EXPECT_EQ(known_names("usr", {"user", "uri"}), "did you mean 'user'? known are user, uri");
  EXPECT_EQ(known_names("latency", {"user", "uri"}), "known are user, uri");
}

}  // namespace
}  // namespace fkp
