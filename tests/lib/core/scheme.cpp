// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/scheme.h"

#include <gmock/gmock.h>

#include "fkp/core/error.h"

namespace fkp {
namespace {

using testing::HasSubstr;

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(Scheme, RegisteredOnesAreValid) {
  for (const Scheme& s : schemes()) EXPECT_NO_THROW(validate(s)) << s.name;
}

TEST(Scheme, Ibug68MirrorsTheEyesOntoEachOther) {
  const Scheme s = scheme("ibug-68");
  ASSERT_EQ(s.size(), 68);
  EXPECT_EQ(s.point_names[36], "right-eye-0");
  EXPECT_EQ(s.point_names[s.mirror[36]], "left-eye-3");
  EXPECT_EQ(s.mirror[30], 30) << "the tip of the nose stays";
  for (int i : s.part("jaw")->points) EXPECT_EQ(s.mirror[i], 16 - i);
}

TEST(Scheme, OfOtherSetsMirrorTheEyesOntoEachOther) {
  for (const char* name : {"wflw-98", "imm-73", "kaggle-15"}) {
    const Scheme& s = scheme(name);
    std::vector<int> mirrored;
    for (int i : s.part("right-eye")->points) mirrored.push_back(s.mirror[i]);
    EXPECT_THAT(mirrored, testing::UnorderedElementsAreArray(s.part("left-eye")->points)) << name;
    EXPECT_EQ(s.mirror[s.normaliser.first], s.normaliser.second) << name << ": the outer corners of the eyes";
    EXPECT_TRUE(s.can_mirror()) << name;
  }
  EXPECT_EQ(scheme("wflw-98").size(), 98);
  EXPECT_EQ(scheme("imm-73").size(), 73);
  EXPECT_EQ(scheme("imm-58").size(), 58);
  EXPECT_FALSE(scheme("imm-58").can_mirror());
  EXPECT_TRUE(scheme("nose-1").can_mirror()) << "onto itself";
}

TEST(Scheme, TakesTheMirrorAsPairsToo) {
  const Scheme s = scheme_from_json(R"({"name": "s", "points": ["a", "b", "c"], "mirror": [[0, 2]]})");
  EXPECT_EQ(s.mirror, (std::vector<int>{2, 1, 0}));
  EXPECT_THAT(message_of([] { scheme_from_json(R"({"name": "s", "points": ["a"], "mirror": [[0, 2]]})"); }),
              HasSubstr("point 2 of 0 to 0"));
  EXPECT_THAT(message_of([] { scheme_from_json(R"({"name": "s", "points": ["a"], "mirror": [[-1, 0]]})"); }),
              HasSubstr("point -1 of 0 to 0"));
}

TEST(Scheme, ThatIsUnknownNamesTheKnownOnes) {
  EXPECT_THAT(message_of([] { scheme("ibug-99"); }), testing::AllOf(HasSubstr("ibug-99"), HasSubstr("ibug-68"), HasSubstr("mtfl-5")));
}

TEST(Scheme, GoesThroughJsonUnchanged) {
  const Scheme s = scheme("ibug-68");
  const Scheme back = scheme_from_json(to_json(s));
  EXPECT_EQ(back.name, s.name);
  EXPECT_EQ(back.point_names, s.point_names);
  EXPECT_EQ(back.mirror, s.mirror);
  EXPECT_EQ(back.normaliser, s.normaliser);
  ASSERT_EQ(back.outlines.size(), s.outlines.size());
  EXPECT_TRUE(back.outlines[5].closed);
  EXPECT_EQ(back.outlines[5].points, s.outlines[5].points);
  EXPECT_EQ(back.part("left-eye")->points, s.part("left-eye")->points);
}

TEST(Scheme, OfAUsersOwnNeedsOnlyNames) {
  const Scheme s = scheme_from_json(R"({"name": "hand", "points": ["thumb", "index"]})");
  EXPECT_EQ(s.size(), 2);
  EXPECT_EQ(s.mirror, (std::vector<int>{0, 1}));
}

TEST(Scheme, SaysWhatIsWrong) {
  const auto problem = [](const std::string& rest) {
    return message_of([&] { scheme_from_json(R"({"name": "s", "points": ["a", "b", "c"])" + rest + "}"); });
  };
  EXPECT_THAT(problem(R"(, "mirror": [1, 2, 0])"), HasSubstr("not its own inverse"));
  EXPECT_THAT(problem(R"(, "mirror": [0, 1])"), HasSubstr("each of the 3 points"));
  EXPECT_THAT(problem(R"(, "outlines": [{"points": [0, 3]}])"), HasSubstr("point 3 of 0 to 2"));
  EXPECT_THAT(problem(R"(, "parts": {"eye": [-1]})"), HasSubstr("'eye'"));
  EXPECT_THAT(problem(R"(, "normaliser": [0, 3])"), HasSubstr("'normaliser' names point 3"));
  EXPECT_THAT(problem(R"(, "normaliser": [3, 0])"), HasSubstr("'normaliser' names point 3"));
  EXPECT_THAT(problem(R"(, "outlines": [{"points": [0.7]}])"), HasSubstr("0.7 is not the index of a point"));
  EXPECT_THAT(problem(R"(, "parts": {"eye": [4294967296]})"), HasSubstr("4294967296 is not the index of a point"));
  EXPECT_THAT(problem(R"(, "mirror": [1e30, 0, 2])"), HasSubstr("1e+30 is not the index of a point"));
  EXPECT_THAT(problem(R"(, "mirror": [[0, "b"]])"), HasSubstr("\"b\" is not the index of a point"));
  EXPECT_THAT(problem(R"(, "normaliser": [0])"), HasSubstr("[0] is not a pair of points"));
  EXPECT_THAT(problem(R"(, "normaliser": 0)"), HasSubstr("0 is not a pair of points"));
  EXPECT_THAT(message_of([] { scheme_from_json("{"); }), HasSubstr("not a keypoint scheme"));
  EXPECT_THAT(message_of([] { scheme_from_json(R"({"name": "s", "points": []})"); }), HasSubstr("no points"));
}

TEST(Scheme, IsNotFoundOrUnreadable) {
  const auto kind_of = [](const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& e) {
      return e.kind();
    }
    return ErrorKind::unwritten;
  };
  EXPECT_EQ(kind_of([] { scheme("ibug-99"); }), ErrorKind::not_found);
  EXPECT_EQ(kind_of([] { scheme_from_json("{"); }), ErrorKind::unreadable);
  EXPECT_EQ(kind_of([] { scheme_from_json(R"({"name": "s", "points": []})"); }), ErrorKind::unreadable);
}

}  // namespace
}  // namespace fkp
