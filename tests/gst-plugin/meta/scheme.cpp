// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>

#include "media.h"

namespace fkp::test {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;

std::string fault_of(const char* json) {
  GError* error = nullptr;
  EXPECT_EQ(gst_fkp_scheme_new_from_json(json, &error), nullptr);
  if (error == nullptr) return {};
  EXPECT_TRUE(g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ));
  std::string message = error->message;
  g_error_free(error);
  return message;
}

TEST(Scheme, NamesItsPoints) {
  const Scheme scheme = triangle();
  EXPECT_STREQ(gst_fkp_scheme_get_name(scheme.get()), "triangle-3");
  ASSERT_EQ(gst_fkp_scheme_get_n_points(scheme.get()), 3u);
  EXPECT_STREQ(gst_fkp_scheme_get_point_name(scheme.get(), 0), "right");
  EXPECT_STREQ(gst_fkp_scheme_get_point_name(scheme.get(), 2), "low");
}

TEST(Scheme, GivesItsOutlinesInDrawingOrder) {
  const Scheme scheme = triangle();
  ASSERT_EQ(gst_fkp_scheme_get_n_outlines(scheme.get()), 1u);
  guint n = 0;
  gboolean closed = FALSE;
  const gint* points = gst_fkp_scheme_get_outline(scheme.get(), 0, &n, &closed);
  EXPECT_THAT(std::vector<int>(points, points + n), ElementsAreArray({0, 1, 2}));
  EXPECT_TRUE(closed);
}

TEST(Scheme, SaysWhatIsWrongWithItsJson) {
  EXPECT_THAT(fault_of("{"), HasSubstr("not a keypoint scheme"));
  EXPECT_THAT(fault_of("[]"), HasSubstr("not a keypoint scheme"));
  EXPECT_THAT(fault_of(R"({"name": "a", "points": []})"), HasSubstr("no points"));
  EXPECT_THAT(fault_of(R"({"name": "a", "points": ["p"], "outlines": [{"points": [7]}]})"), HasSubstr("point 7"));
}

TEST(Scheme, FailsWithoutAnErrorToFill) { EXPECT_EQ(gst_fkp_scheme_new_from_json("nonsense", nullptr), nullptr); }

TEST(Scheme, IsABoxedTypeThatIsShared) {
  const Scheme scheme = triangle();
  gpointer copy = g_boxed_copy(GST_TYPE_FKP_SCHEME, scheme.get());
  EXPECT_EQ(copy, scheme.get());
  g_boxed_free(GST_TYPE_FKP_SCHEME, copy);
}

TEST(Scheme, OutlivesItsMakerWhileABufferCarriesIt) {
  Scheme scheme = triangle();
  const Buffer buffer(gst_buffer_new());
  gst_fkp_buffer_add_meta(buffer.get(), scheme.get(), 64, 48);
  scheme.reset();
  const Buffer copy(gst_buffer_copy(buffer.get()));
  EXPECT_STREQ(gst_fkp_scheme_get_name(gst_fkp_buffer_get_meta(copy.get())->scheme), "triangle-3");
}

}  // namespace
}  // namespace fkp::test
