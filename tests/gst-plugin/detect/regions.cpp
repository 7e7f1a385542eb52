// SPDX-License-Identifier: LGPL-2.1-or-later
#include "regions.h"

#include <gmock/gmock.h>

#include <vector>

#include "bright_faces.h"

#ifdef HAVE_ANALYTICS
#define GST_USE_UNSTABLE_API
#include <gst/analytics/analytics.h>
#endif

namespace fkp {
namespace {

using test::Buffer;
using test::face_on;
using test::faces_on;

class Regions : public testing::Test {
 protected:
  void add(const char* type, guint x, guint y, guint w, guint h) {
    gst_buffer_add_video_region_of_interest_meta(buffer_.get(), type, x, y, w, h);
  }
  std::vector<Detection> seen(const std::string& type = "", float pixel_aspect = 1) {
    UpstreamRegions regions(type);
    regions.read(buffer_.get());
    return regions.detect({cv::Mat::zeros(100, 200, CV_8UC1), false, pixel_aspect});
  }

  const Buffer buffer_{gst_buffer_new()};
};

TEST_F(Regions, AreNoneOnABareBuffer) { EXPECT_THAT(seen(), testing::IsEmpty()); }

TEST_F(Regions, BecomeTheSquareFromBrowsToChin) {
  add("face", 40, 20, 30, 40);
  const auto found = seen();
  ASSERT_EQ(found.size(), 1u);
  const cv::Rect2f box = found[0].box;
  EXPECT_FLOAT_EQ(box.width, box.height);
  EXPECT_FLOAT_EQ(box.x + box.width / 2, 54.5f) << "the middle of pixels 40 to 69";
  EXPECT_GT(box.y, 20.f) << "below the forehead";
  EXPECT_NEAR(box.y + box.height, 60, 1) << "down to the chin";
  EXPECT_FLOAT_EQ(box.width, 0.918f * std::sqrt(30.f * 40.f)) << "of the root of the area";
  EXPECT_EQ(found[0].score, 1);
}

TEST_F(Regions, LieInSquarePixels) {
  add("face", 40, 20, 20, 40);
  const cv::Rect2f box = seen("", 2)[0].box;
  EXPECT_FLOAT_EQ(box.x + box.width / 2, 2 * 50 - 0.5f);
}

TEST_F(Regions, OfAnotherTypeDoNotCount) {
  add("person", 0, 0, 50, 90);
  add("face", 10, 10, 20, 20);
  EXPECT_EQ(seen().size(), 2u);
  EXPECT_EQ(seen("face").size(), 1u);
  EXPECT_EQ(seen("car").size(), 0u);
  gst_buffer_add_video_region_of_interest_meta_id(buffer_.get(), 0, 30, 30, 20, 20);  // of no type
  EXPECT_EQ(seen().size(), 3u);
  EXPECT_EQ(seen("face").size(), 1u);
}

TEST_F(Regions, WithoutAreaDoNotCount) {
  add("face", 10, 10, 0, 0);
  EXPECT_THAT(seen(), testing::IsEmpty());
}

TEST_F(Regions, AreTakenFromDetectedObjectsWhereThereAreNone) {
#ifdef HAVE_ANALYTICS
  GstAnalyticsRelationMeta* relations = gst_buffer_add_analytics_relation_meta(buffer_.get());
  gst_analytics_relation_meta_add_od_mtd(relations, g_quark_from_static_string("face"), 40, 20, 30, 40, 0.7f, nullptr);
  gst_analytics_relation_meta_add_od_mtd(relations, g_quark_from_static_string("car"), 4, 2, 3, 4, 0.9f, nullptr);
  EXPECT_EQ(seen().size(), 2u);
  const auto faces = seen("face");
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_FLOAT_EQ(faces[0].score, 0.7f);
  add("face", 0, 0, 10, 10);
  EXPECT_EQ(seen().size(), 1u) << "most say it in both ways";
#else
  GTEST_SKIP() << "needs GStreamer 1.24";
#endif
}

class DetectorRoi : public test::BrightFaces {
 protected:
  Buffer push(test::BrightStream& stream, const std::vector<cv::Rect>& regions) {
    GstBuffer* frame = test::BrightStream::frame(255, test::BrightStream::time_of(next_++));
    for (const cv::Rect& r : regions)
      gst_buffer_add_video_region_of_interest_meta(frame, "face", static_cast<guint>(r.x), static_cast<guint>(r.y),
                                                   static_cast<guint>(r.width), static_cast<guint>(r.height));
    return Buffer(gst_harness_push_and_pull(stream.get(), frame));
  }

  int next_ = 0;
};

TEST_F(DetectorRoi, LooksWhereUpstreamSaysAndTakesUpNewcomersAtOnce) {
  test::BrightStream stream(detect("detector=roi"));
  EXPECT_EQ(faces_on(push(stream, {})), 0u);
  const Buffer one = push(stream, {{2, 2, 16, 20}});
  ASSERT_EQ(faces_on(one), 1u);
  EXPECT_NEAR(face_on(one)->x + face_on(one)->width / 2, 9.5, 1);
  EXPECT_EQ(faces_on(push(stream, {{2, 2, 16, 20}, {40, 30, 16, 20}})), 2u);
}

TEST_F(DetectorRoi, TakesUpTheFirstAtOnceHoweverSeldomAnEmptySceneIsSearched) {
  test::BrightStream stream(detect("detector=roi empty-interval=100"));
  EXPECT_EQ(faces_on(push(stream, {})), 0u);
  EXPECT_EQ(faces_on(push(stream, {{20, 20, 20, 20}})), 1u);
}

TEST_F(DetectorRoi, FollowsAFaceWithoutARegionToo) {
  test::BrightStream stream(detect("detector=roi"));
  const guint id = face_on(push(stream, {{20, 20, 20, 20}}))->id;
  const Buffer next = push(stream, {});
  ASSERT_EQ(faces_on(next), 1u);
  EXPECT_EQ(face_on(next)->id, id);
}

TEST_F(DetectorRoi, TakesTheTypeThatIsAskedFor) {
  test::BrightStream stream(detect("detector=roi roi-type=person"));
  EXPECT_EQ(faces_on(push(stream, {{20, 20, 20, 20}})), 0u);
}

}  // namespace
}  // namespace fkp
