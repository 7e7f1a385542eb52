// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/chart.h"

#include <gmock/gmock.h>

#include <limits>
#include <pugixml.hpp>

namespace fkp {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Chart, IsWellFormedWhateverItsNames) {
  const std::string svg = svg_of({"a < b & \"c\"", "x", {{"<one>", {{0, 1}, {1, 2}}}, {"two", {{0, 3}, {1, 1}}}}});
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(svg.c_str()));
  EXPECT_THAT(svg, HasSubstr("&lt;one&gt;"));
}

TEST(Chart, NamesItsCurvesWhereThereAreSeveral) {
  EXPECT_THAT(svg_of({"loss", "epoch", {{"only", {{0, 1}, {1, 2}}}}}), Not(HasSubstr(">only<")));
  EXPECT_THAT(svg_of({"loss", "epoch", {{"this", {{0, 1}}}, {"that", {{0, 2}}}}}), HasSubstr(">that<"));
}

TEST(Chart, IsInterruptedWhereTheValueIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string svg = svg_of({"loss", "epoch", {{"a", {{1, 1}, {2, nan}, {3, 1}, {4, 2}}}}});
  const auto path = svg.substr(svg.find("class=\"curve\""));
  EXPECT_THAT(path.substr(0, path.find("/>")), testing::ContainsRegex("M[^L]*M[^L]*L"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Chart, DrawsNothingOfNothing) {
  for (const Chart& chart : {Chart{"empty", "x", {}, false}, Chart{"one point", "x", {{"a", {{1, 1}}}}, true}})
    EXPECT_THAT(svg_of(chart), Not(testing::ContainsRegex("nan|inf")));
}

TEST(Chart, CountsEpochsInWholeNumbers) {
  EXPECT_THAT(svg_of({"loss", "epoch", {{"a", {{1, 10}, {2, 30}, {3, 20}}}}}), Not(HasSubstr(">1.5<")));
  EXPECT_THAT(svg_of({"precision", "recall", {{"a", {{0, 1}, {0.5, 0.9}, {1, 0}}}}}), HasSubstr(">0.5<"));
}

TEST(Chart, DoesNotExceedAShareThatIsAlwaysWhole) {
  EXPECT_THAT(svg_of({"faces kept, %", "epoch", {{"a", {{1, 100}, {2, 100}}}}}), Not(HasSubstr(">110<")));
}

TEST(Chart, IsLogarithmicOverMoreThanADecade) {
  const std::vector<Curve> steep{{"a", {{0, 0.01}, {1, 100}}}};
  EXPECT_THAT(svg_of({"t", "x", steep, true}), HasSubstr(">0.1<"));
  EXPECT_THAT(svg_of({"t", "x", steep, false}), Not(HasSubstr(">0.1<")));
}

}  // namespace
}  // namespace fkp
