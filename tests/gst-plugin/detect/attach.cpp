// SPDX-License-Identifier: LGPL-2.1-or-later
#include "attach.h"

#include <gmock/gmock.h>
#include <gst/video/video.h>

#include <tuple>

#include "media.h"

#ifdef HAVE_ANALYTICS
#define GST_USE_UNSTABLE_API
#include <gst/analytics/analytics.h>
#endif

namespace fkp::test {
namespace {

using testing::ElementsAre;
using testing::FieldsAre;
using testing::IsEmpty;

/// A face of the scheme triangle-3 with this box: its upper left corner and its side (the frame's edges are at -0.5).
Face face_at(std::uint32_t id, float x, float y, float side) {
  Face face;
  face.id = id;
  face.box = {x, y, side, side};
  face.score = 0.9f;
  for (const auto& [dx, dy] : {std::pair(0.f, 0.f), std::pair(1.f, 0.f), std::pair(0.5f, 1.f)})
    face.points.push_back({x + dx * side, y + dy * side, 0.75f});
  return face;
}

struct Region {
  int id;
  std::string type;
  guint x, y, width, height;
};

std::vector<Region> regions_of(GstBuffer* buffer) {
  std::vector<Region> regions;
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
    const auto* r = reinterpret_cast<const GstVideoRegionOfInterestMeta*>(meta);
    regions.push_back({r->id, g_quark_to_string(r->roi_type), r->x, r->y, r->w, r->h});
  }
  return regions;
}

class Attach : public testing::Test {
 protected:
  void attach(const std::vector<Face>& faces) { fkp::attach(buffer_.get(), scheme_.get(), 160, 120, faces); }

  Scheme scheme_ = triangle();
  Buffer buffer_{gst_buffer_new()};
};

TEST_F(Attach, GivesEachFaceARegionOfWholePixels) {
  attach({face_at(1, 9.5f, 19.5f, 30), face_at(4, 60.2f, 50.4f, 20)});
  EXPECT_THAT(regions_of(buffer_.get()), ElementsAre(FieldsAre(1, "face", 10, 20, 30, 30), FieldsAre(4, "face", 61, 51, 20, 20)));
}

TEST_F(Attach, TakesThePlaceOfAllMetasThatWereThere) {
  attach({face_at(1, 9.5f, 19.5f, 30)});
  add_triangle(gst_fkp_buffer_add_meta(buffer_.get(), scheme_.get(), 160, 120), 2, 0, 0, 10);
  attach({face_at(3, 9.5f, 19.5f, 30)});
  EXPECT_EQ(gst_buffer_get_n_meta(buffer_.get(), GST_FKP_META_API_TYPE), 1u);
  EXPECT_EQ(gst_fkp_meta_get_face(gst_fkp_buffer_get_meta(buffer_.get()), 0)->id, 3u);
  EXPECT_THAT(regions_of(buffer_.get()), ElementsAre(FieldsAre(3, "face", 10, 20, 30, 30)));
}

TEST_F(Attach, CutsRegionsAtTheFrame) {
  attach({face_at(1, -10.5f, 99.5f, 40)});
  EXPECT_THAT(regions_of(buffer_.get()), ElementsAre(FieldsAre(1, "face", 0, 100, 30, 20)));
}

TEST_F(Attach, LeavesOutARegionBesideTheFrame) {
  attach({face_at(1, 170, 10, 30)});
  EXPECT_THAT(regions_of(buffer_.get()), IsEmpty());
  EXPECT_EQ(gst_fkp_meta_get_n_faces(gst_fkp_buffer_get_meta(buffer_.get())), 1u);
}

TEST_F(Attach, ReplacesWhatAnEarlierAnalysisSaid) {
  attach({face_at(1, 9.5f, 19.5f, 30), face_at(2, 59.5f, 19.5f, 30)});
  attach({face_at(3, 39.5f, 29.5f, 10)});
  EXPECT_THAT(regions_of(buffer_.get()), ElementsAre(FieldsAre(3, "face", 40, 30, 10, 10)));
  attach({});
  EXPECT_THAT(regions_of(buffer_.get()), IsEmpty());
}

TEST_F(Attach, LeavesRegionsOfOthers) {
  gst_buffer_add_video_region_of_interest_meta(buffer_.get(), "plate", 1, 2, 3, 4)->id = 1;  // as the face's
  gst_buffer_add_video_region_of_interest_meta(buffer_.get(), "face", 5, 6, 7, 8)->id = 99;
  attach({face_at(1, 9.5f, 19.5f, 30)});
  attach({});
  EXPECT_THAT(regions_of(buffer_.get()), ElementsAre(FieldsAre(testing::_, "plate", 1, 2, 3, 4), FieldsAre(99, "face", 5, 6, 7, 8)));
}

#ifdef HAVE_ANALYTICS

struct Detected {
  std::string type;
  int x, y, width, height;
  float confidence;
  guint64 tracking_id;  // of the related tracking entry
  GstClockTime last_seen;
};

std::vector<Detected> detected_on(GstBuffer* buffer) {
  std::vector<Detected> all;
  GstAnalyticsRelationMeta* relations = gst_buffer_get_analytics_relation_meta(buffer);
  gpointer state = nullptr;
  GstAnalyticsODMtd detection;
  while (relations && gst_analytics_relation_meta_iterate(relations, &state, gst_analytics_od_mtd_get_mtd_type(), &detection)) {
    Detected d{};
    d.type = g_quark_to_string(gst_analytics_od_mtd_get_obj_type(&detection));
    gst_analytics_od_mtd_get_location(&detection, &d.x, &d.y, &d.width, &d.height, &d.confidence);
    gpointer related = nullptr;
    GstAnalyticsTrackingMtd tracking;
    GstClockTime first_seen;
    gboolean lost;
    if (gst_analytics_relation_meta_get_direct_related(relations, detection.id, GST_ANALYTICS_REL_TYPE_RELATE_TO,
                                                       gst_analytics_tracking_mtd_get_mtd_type(), &related, &tracking)) {
      gst_analytics_tracking_mtd_get_info(&tracking, &d.tracking_id, &first_seen, &d.last_seen, &lost);
      EXPECT_FALSE(lost);
    }
    all.push_back(d);
  }
  return all;
}

TEST_F(Attach, TellsOfEachFaceADetectionAndATracking) {
  GST_BUFFER_PTS(buffer_.get()) = 40 * GST_MSECOND;
  attach({face_at(1, 9.5f, 19.5f, 30), face_at(4, 59.5f, 49.5f, 20)});
  EXPECT_THAT(detected_on(buffer_.get()), ElementsAre(FieldsAre("face", 10, 20, 30, 30, 0.9f, 1u, 40 * GST_MSECOND),
                                                      FieldsAre("face", 60, 50, 20, 20, 0.9f, 4u, 40 * GST_MSECOND)));
}

TEST_F(Attach, TellsOfNoDetectionWithoutFaces) {
  attach({});
  EXPECT_EQ(gst_buffer_get_analytics_relation_meta(buffer_.get()), nullptr);
}

TEST_F(Attach, ReplacesTheDetectionsOfAnEarlierAnalysis) {
  attach({face_at(1, 9.5f, 19.5f, 30), face_at(2, 59.5f, 19.5f, 30)});
  attach({face_at(3, 39.5f, 29.5f, 10)});
  EXPECT_THAT(detected_on(buffer_.get()), ElementsAre(FieldsAre("face", 40, 30, 10, 10, 0.9f, 3u, testing::_)));
  attach({});
  EXPECT_THAT(detected_on(buffer_.get()), IsEmpty());
}

TEST_F(Attach, AddsToTheDetectionsOfOthersAndKeepsThem) {
  GstAnalyticsODMtd plate;
  gst_analytics_relation_meta_add_od_mtd(gst_buffer_add_analytics_relation_meta(buffer_.get()), g_quark_from_string("plate"), 1, 2, 3, 4,
                                         0.5f, &plate);
  attach({face_at(1, 9.5f, 19.5f, 30)});
  EXPECT_EQ(detected_on(buffer_.get()).size(), 2u);
  attach({});
  EXPECT_EQ(detected_on(buffer_.get()).front().type, "plate");
}

#else

TEST_F(Attach, TellsOfEachFaceADetectionAndATracking) { GTEST_SKIP() << "needs GStreamer 1.24 and its analytics library"; }

#endif

#if defined HAVE_ANALYTICS && GST_CHECK_VERSION(1, 30, 0)

TEST_F(Attach, TellsOfEachFaceAGroupOfKeypoints) {
  attach({face_at(1, 9.5f, 19.5f, 30)});
  GstAnalyticsRelationMeta* relations = gst_buffer_get_analytics_relation_meta(buffer_.get());
  gpointer state = nullptr;
  GstAnalyticsGroupMtd group;
  ASSERT_TRUE(gst_analytics_relation_meta_iterate(relations, &state, gst_analytics_group_mtd_get_mtd_type(), &group));
  state = nullptr;
  GstAnalyticsKeypointMtd point;
  std::vector<std::tuple<int, int, float>> points;
  while (gst_analytics_relation_meta_iterate(relations, &state, gst_analytics_keypoint_mtd_get_mtd_type(), &point)) {
    int x = 0, y = 0;
    float confidence = 0;
    GstAnalyticsKeypointDimensions dimensions;
    gst_analytics_keypoint_mtd_get_position(&point, &x, &y, nullptr, &dimensions);
    gst_analytics_keypoint_mtd_get_confidence(&point, &confidence);
    points.emplace_back(x, y, confidence);
  }
  EXPECT_THAT(points, ElementsAre(FieldsAre(10, 20, 0.75f), FieldsAre(40, 20, 0.75f), FieldsAre(25, 50, 0.75f)));
}

#else

TEST_F(Attach, TellsOfEachFaceAGroupOfKeypoints) { GTEST_SKIP() << "needs GStreamer 1.30 and its analytics library"; }

#endif

}  // namespace
}  // namespace fkp::test
