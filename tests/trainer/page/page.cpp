// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/page.h"

#include <gmock/gmock.h>

#include "fkp/core/scheme.h"
#include "page/error_face.h"
#include "page/sets_page.h"

namespace fkp {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Page, EscapesAllThatItIsGiven) {
  Page page;
  page.section("<script>");
  page.table({{"<b>", "n"}, {"a&b", "3"}});
  page.details("\"x\"", "it's <i>");
  const std::string html = page_html("<title>", "<sub>", page.body());
  for (const char* raw : {"<script>", "<b>", "<i>", "<sub>", "<title><"}) EXPECT_THAT(html, Not(HasSubstr(raw))) << raw;
  EXPECT_THAT(html, HasSubstr("a&amp;b"));
}

TEST(Page, NeedsNothingFromElsewhere) {
  Page page;
  page.tiles({{cv::Mat(20, 20, CV_8UC1, cv::Scalar(90)), "grey"}, {cv::Mat(20, 20, CV_8UC3, cv::Scalar(1, 2, 3)), ""}});
  const std::string html = page_html("t", "s", page.body());
  EXPECT_THAT(html, HasSubstr("src=\"data:image/jpeg;base64,/9j/"));
  EXPECT_THAT(html, Not(testing::ContainsRegex("src=\"[^d]|href=|<script|url\\(")));
}

TEST(Page, SetsNumbersToTheRight) {
  Page page;
  page.table({{"set", "faces"}, {"a", "12"}});
  EXPECT_THAT(page.body(), HasSubstr("<td class=\"n\">12</td>"));
  EXPECT_THAT(page.body(), HasSubstr("<td>a</td>"));
}

TEST(SetsPage, CountsAndNamesWhatWasRefused) {
  Page page;
  show_sets({{"csv:a.csv", 10, 2, {{"a.csv:7", "it has no point"}}}}, "faces", page);
  EXPECT_THAT(page.body(), HasSubstr("csv:a.csv: 1 refused"));
  EXPECT_THAT(page.body(), HasSubstr("a.csv:7: it has no point"));
}

TEST(ErrorFace, IsTheMeanOfFacesInTheirBoxes) {
  const Points small{{0, 0}, {10, 0}, {5, 10}}, large{{100, 100}, {140, 100}, {130, 140}};
  const Points mean = mean_shape({small, large, {{0, 0}, {1, 0}, unknown_point()}});
  EXPECT_FLOAT_EQ(mean[1].x, 1);
  EXPECT_FLOAT_EQ(mean[2].x, (0.5f + 0.75f) / 2) << "over the faces in which it is known";
  EXPECT_FLOAT_EQ(mean[2].y, 1);
}

TEST(ErrorFace, NamesPointsAndParts) {
  Points shape;
  std::vector<double> values;
  for (int k = 0; k < 5; k++) {
    shape.push_back({0.2f * static_cast<float>(k), 0.3f});
    values.push_back(1 + k);
  }
  values[2] = std::nan("");
  Scheme five = scheme("mtfl-5");
  five.parts = {{"mouth", {3, 4}}};
  const std::string points = svg_of_points({"by point", five, shape, values}), parts = svg_of_parts({"by part", five, shape, values});
  EXPECT_THAT(points, HasSubstr("4 " + five.point_names[4] + ": 5.00 %"));
  EXPECT_THAT(points, Not(HasSubstr(five.point_names[2]))) << "nothing was measured";
  EXPECT_THAT(parts, HasSubstr("mouth 4.50 %"));
}

}  // namespace
}  // namespace fkp
