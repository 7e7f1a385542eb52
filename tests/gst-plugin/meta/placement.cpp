// SPDX-License-Identifier: LGPL-2.1-or-later
#include "placement.h"

#include <gmock/gmock.h>
#include <gst/video/video.h>

#include "media.h"

namespace fkp::test {
namespace {

/// A face in a frame of 100×80 pixels; its box covers the pixels 10…29 across and 20…39 down, and has points in two of its corners.
class Placing : public testing::Test {
 protected:
  void expect_box(float x, float y, float width, float height) const {
    EXPECT_FLOAT_EQ(face_.x, x);
    EXPECT_FLOAT_EQ(face_.y, y);
    EXPECT_FLOAT_EQ(face_.width, width);
    EXPECT_FLOAT_EQ(face_.height, height);
  }
  void expect_points(float x0, float y0, float x1, float y1) const {
    EXPECT_FLOAT_EQ(points_[0].x, x0);
    EXPECT_FLOAT_EQ(points_[0].y, y0);
    EXPECT_FLOAT_EQ(points_[1].x, x1);
    EXPECT_FLOAT_EQ(points_[1].y, y1);
  }
  GstFkpPoint points_[2] = {{10, 20, 0.5f}, {29, 39, 0.25f}};
  GstFkpFace face_{7, 9.5f, 19.5f, 20, 20, 0.9f, TRUE, 2, points_};
};

TEST_F(Placing, MovesWithACrop) {
  EXPECT_TRUE(place(&face_, {90, 75, {{{1, 0, -10}, {0, 1, -5}, {0, 0, 1}}}}));
  expect_box(-0.5, 14.5, 20, 20);
  expect_points(0, 15, 19, 34);
}

TEST_F(Placing, GoesWithWhatIsCutAway) { EXPECT_FALSE(place(&face_, {70, 80, {{{1, 0, -30}, {0, 1, 0}, {0, 0, 1}}}})); }

TEST_F(Placing, StaysWhereAColumnOfTheFaceIsLeft) {
  EXPECT_TRUE(place(&face_, {71, 80, {{{1, 0, -29}, {0, 1, 0}, {0, 0, 1}}}}));
  expect_points(-19, 20, 0, 39);
}

/// Whether a face stays that covers the pixels 10…29 across and 20…39 down, where `left` and `top` pixels are cut away and a frame of
/// that size is left.
bool stays(double left, double top, guint width, guint height) {
  GstFkpFace face{7, 9.5f, 19.5f, 20, 20, 0.9f, TRUE, 0, nullptr};
  return place(&face, {width, height, {{{1, 0, -left}, {0, 1, -top}, {0, 0, 1}}}});
}

TEST(Placement, KeepsAFaceWhileAPixelOfItIsLeftOnEverySide) {
  EXPECT_TRUE(stays(29, 0, 71, 80));
  EXPECT_FALSE(stays(30, 0, 70, 80));
  EXPECT_TRUE(stays(0, 39, 100, 41));
  EXPECT_FALSE(stays(0, 40, 100, 40));
  EXPECT_TRUE(stays(0, 0, 11, 80));
  EXPECT_FALSE(stays(0, 0, 10, 80));
  EXPECT_TRUE(stays(0, 0, 100, 21));
  EXPECT_FALSE(stays(0, 0, 100, 20));
}

TEST(Placement, IsUnknownWhereScalingMayHaveAddedBorders) {
  const auto known = [](int from_width, int from_height, int to_width, int to_height) {
    GstVideoInfo from, to;
    gst_video_info_set_format(&from, GST_VIDEO_FORMAT_GRAY8, from_width, from_height);
    gst_video_info_set_format(&to, GST_VIDEO_FORMAT_GRAY8, to_width, to_height);
    const GstVideoMetaTransform transform{&from, &to};
    return placement_of(gst_video_meta_transform_scale_get_quark(), &transform, 160, 120).has_value();
  };
  EXPECT_TRUE(known(160, 120, 80, 60));
  EXPECT_TRUE(known(160, 120, 160, 119)) << "rounding";
  EXPECT_FALSE(known(160, 120, 160, 117));
  EXPECT_FALSE(known(90, 160, 90, 162)) << "a portrait";
  EXPECT_FALSE(known(160, 40, 160, 39)) << "a wide one";
  GstVideoInfo nothing, something;
  gst_video_info_init(&nothing);
  gst_video_info_set_format(&something, GST_VIDEO_FORMAT_GRAY8, 160, 120);
  const GstVideoMetaTransform transform{&nothing, &something};
  EXPECT_FALSE(placement_of(gst_video_meta_transform_scale_get_quark(), &transform, 160, 120).has_value()) << "from a frame of no size";
}

TEST_F(Placing, StartsFromTheSizeOfItsOwnFrame) {
  GstVideoInfo from, to;
  gst_video_info_set_format(&from, GST_VIDEO_FORMAT_GRAY8, 50, 40);  // half of the frame, as a decoder leaves it
  gst_video_info_set_format(&to, GST_VIDEO_FORMAT_GRAY8, 200, 160);
  const GstVideoMetaTransform transform{&from, &to};
  const auto placement = placement_of(gst_video_meta_transform_scale_get_quark(), &transform, 100, 80);
  ASSERT_TRUE(placement);
  EXPECT_TRUE(place(&face_, *placement));
  expect_box(19.5, 39.5, 40, 40);
  expect_points(20.5, 40.5, 58.5, 78.5);
}

TEST_F(Placing, MirrorsPixelsOntoPixels) {
  EXPECT_TRUE(place(&face_, {100, 80, {{{-1, 0, 100}, {0, 1, 0}, {0, 0, 1}}}}));
  expect_box(69.5, 19.5, 20, 20);
  expect_points(89, 20, 70, 39);
}

TEST_F(Placing, TurnsByAQuarter) {
  EXPECT_TRUE(place(&face_, {80, 100, {{{0, -1, 80}, {1, 0, 0}, {0, 0, 1}}}}));  // clockwise
  expect_box(39.5, 9.5, 20, 20);
  expect_points(59, 10, 40, 29);
}

TEST_F(Placing, GoesIntoBorders) {
  EXPECT_TRUE(place(&face_, {200, 200, {{{2, 0, 0}, {0, 2, 20}, {0, 0, 1}}}}));
  expect_box(19.5, 59.5, 40, 40);
  expect_points(20.5, 60.5, 58.5, 98.5);
}

TEST_F(Placing, FollowsAPerspective) {
  EXPECT_TRUE(place(&face_, {100, 80, {{{2, 0, 0}, {0, 2, 0}, {0, 0, 2}}}}));  // scaled by 2 / 2
  expect_box(9.5, 19.5, 20, 20);
  expect_points(10, 20, 29, 39);
}

TEST_F(Placing, LeavesIdScoreAndConfidence) {
  place(&face_, {50, 40, {{{0.5, 0, 0}, {0, 0.5, 0}, {0, 0, 1}}}});
  EXPECT_EQ(face_.id, 7u);
  EXPECT_EQ(face_.score, 0.9f);
  EXPECT_TRUE(face_.held);
  EXPECT_EQ(points_[1].confidence, 0.25f);
}

}  // namespace
}  // namespace fkp::test
