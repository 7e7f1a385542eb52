// SPDX-License-Identifier: LGPL-2.1-or-later
#include "programs/toml_keys.h"

#include <gmock/gmock.h>

#include "fkp/core/error.h"

namespace fkp {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct Values {
  int count = 1;
  double share = 0.5;
  std::string name = "none";
  std::vector<int> sizes{1, 2};
  bool flag = false;
};

Values read(const std::string& text) {
  Values values;
  const toml::table root = parse_toml(text, "c.toml");
  TomlKeys keys(root, "the file", "c.toml");
  keys("count", values.count)("share", values.share)("name", values.name)("sizes", values.sizes);
  keys.table("inner", [&](TomlKeys& inner) { inner("flag", values.flag); });
  keys.finish();
  return values;
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::unreadable);
    return e.what();
  }
  return "";
}

TEST(TomlKeys, LeaveWhatIsAbsentAsItWas) {
  const Values values = read("");
  EXPECT_EQ(values.count, 1);
  EXPECT_EQ(values.name, "none");
  EXPECT_EQ(values.sizes, (std::vector<int>{1, 2}));
}

TEST(TomlKeys, ReadNumbersTextsListsAndTables) {
  const Values values = read("count = 3\nshare = 1\nname = \"b\"\nsizes = [4]\n[inner]\nflag = true\n");
  EXPECT_EQ(values.count, 3);
  EXPECT_EQ(values.share, 1);
  EXPECT_EQ(values.name, "b");
  EXPECT_EQ(values.sizes, (std::vector<int>{4}));
  EXPECT_TRUE(read("sizes = []\n").sizes.empty());
  EXPECT_TRUE(values.flag);
}

TEST(TomlKeys, NameFileAndLineOfAMistake) {
  EXPECT_THAT(error_of("count = 1\nname = 2\n"), AllOf(StartsWith("c.toml:2: "), HasSubstr("'name'")));
  EXPECT_THAT(error_of("sizes = [1, \"two\"]\n"), AllOf(StartsWith("c.toml:1: "), HasSubstr("'sizes'")));
  EXPECT_THAT(error_of("\ninner = 1\n"), AllOf(StartsWith("c.toml:2: "), HasSubstr("'inner'")));
  EXPECT_THAT(error_of("count = \n"), StartsWith("c.toml:1: "));
}

TEST(TomlKeys, SuggestTheKeyThatWasMeant) {
  EXPECT_THAT(error_of("cuont = 1\n"), AllOf(HasSubstr("unknown key 'cuont' in the file"), HasSubstr("did you mean 'count'?")));
  EXPECT_THAT(error_of("[inner]\nflat = true\n"), AllOf(StartsWith("c.toml:2: "), HasSubstr("in inner"), HasSubstr("'flag'")));
}

}  // namespace
}  // namespace fkp
