// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/video/video.h>

#include "media.h"

extern "C" GstFkpPoint consumer_first_point(GstBuffer* buffer);

namespace fkp::test {
namespace {

/// A buffer with one triangle at (10.25, 20.5), side 30, in a frame of 160×120.
Buffer marked_buffer(GstFkpScheme* scheme) {
  Buffer buffer(gst_buffer_new_allocate(nullptr, 100, nullptr));
  add_triangle(gst_fkp_buffer_add_meta(buffer.get(), scheme, 160, 120), 7, 10.25f, 20.5f, 30);
  return buffer;
}

/// What arrives behind `elements` if every frame of 160×120 has that triangle; buffers without a meta are counted, too.
struct Arrived {
  int frames = 0, with_meta = 0;
  guint width = 0, height = 0;
  std::vector<GstFkpPoint> points;  // of the last frame's first face
  float side = 0;
  bool same_scheme = true;
};

Arrived send_through(const std::string& elements) {
  const Scheme scheme = triangle();
  Arrived arrived;
  Pipeline pipeline("videotestsrc name=source num-buffers=4 ! video/x-raw,format=I420,width=160,height=120 ! " + elements +
                    " ! fakesink name=sink");
  pipeline.mark([&](GstBuffer* b) { add_triangle(gst_fkp_buffer_add_meta(b, scheme.get(), 160, 120), 7, 10.25f, 20.5f, 30); });
  pipeline.watch("sink", [&](GstBuffer* b) {
    arrived.frames++;
    const GstFkpMeta* meta = gst_fkp_buffer_get_meta(b);
    if (meta == nullptr) return;
    arrived.with_meta++;
    arrived.width = meta->width;
    arrived.height = meta->height;
    arrived.same_scheme = arrived.same_scheme && meta->scheme == scheme.get();
    const GstFkpFace* face = gst_fkp_meta_get_face(meta, 0);
    arrived.points.assign(face->points, face->points + face->n_points);
    arrived.side = face->width;
  });
  const Outcome outcome = pipeline.run();
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  EXPECT_GE(arrived.frames, 4);  // videorate may repeat the last one
  return arrived;
}

class Kept : public testing::TestWithParam<const char*> {};

TEST_P(Kept, WithItsPointsBehind) {
  const Arrived arrived = send_through(GetParam());
  ASSERT_EQ(arrived.with_meta, arrived.frames);
  EXPECT_TRUE(arrived.same_scheme);
  EXPECT_EQ(arrived.width, 160u);
  EXPECT_EQ(arrived.height, 120u);
  EXPECT_EQ(arrived.points[0].x, 10.25f);
  EXPECT_EQ(arrived.points[2].y, 50.5f);
  EXPECT_EQ(arrived.points[1].confidence, 0.75f);
}

INSTANTIATE_TEST_SUITE_P(Meta, Kept,
                         testing::Values("videoconvert ! video/x-raw,format=RGB", "queue", "tee ! queue", "videorate", "jpegenc ! jpegdec",
                                         "x264enc speed-preset=ultrafast ! avdec_h264",
                                         "x264enc speed-preset=ultrafast tune=zerolatency ! h264parse ! avdec_h264",
                                         "vp8enc deadline=1 ! vp8dec"));

/// Where the first point, (10.25, 20.5) in 160×120, and its face of 30 pixels are behind elements that describe how they transform the
/// picture.
struct Move {
  const char* elements;
  guint width, height;
  float x, y, side;
};
void PrintTo(const Move& move, std::ostream* out) { *out << move.elements; }

const auto kMoves = testing::Values(
    Move{"videocrop left=10 top=5", 150, 115, 0.25f, 15.5f, 30}, Move{"videobox left=-10 top=6", 170, 114, 20.25f, 14.5f, 30},
    Move{"videoflip video-direction=horiz", 160, 120, 148.75f, 20.5f, 30},
    Move{"videoflip video-direction=90r", 120, 160, 98.5f, 10.25f, 30},
    Move{"videocrop left=10 top=5 ! videoscale ! video/x-raw,width=300,height=230", 300, 230, 1, 31.5f, 60},
    Move{"videoscale ! video/x-raw,width=160,height=160,pixel-aspect-ratio=1/1", 160, 160, 10.25f, 40.5f, 30});

#if GST_CHECK_VERSION(1, 28, 0)

class Moved : public testing::TestWithParam<Move> {};
INSTANTIATE_TEST_SUITE_P(Meta, Moved, kMoves);

TEST_P(Moved, WithThePicture) {
  const Arrived arrived = send_through(GetParam().elements);
  ASSERT_EQ(arrived.with_meta, 4);
  EXPECT_EQ(arrived.width, GetParam().width);
  EXPECT_EQ(arrived.height, GetParam().height);
  EXPECT_FLOAT_EQ(arrived.points[0].x, GetParam().x);
  EXPECT_FLOAT_EQ(arrived.points[0].y, GetParam().y);
  EXPECT_FLOAT_EQ(arrived.side, GetParam().side);
}

#else

TEST(Meta, MovesWithThePicture) { GTEST_SKIP() << "needs GStreamer 1.28"; }

class Dropped : public testing::TestWithParam<Move> {};
INSTANTIATE_TEST_SUITE_P(Meta, Dropped, kMoves);

TEST_P(Dropped, WhereThePointsWouldBeWrong) { EXPECT_EQ(send_through(GetParam().elements).with_meta, 0); }

#endif

TEST(Meta, FollowsAScaledPicture) {
  const Arrived arrived = send_through("videoscale ! video/x-raw,width=320,height=240");
  ASSERT_EQ(arrived.with_meta, 4);
  EXPECT_EQ(arrived.width, 320u);
  EXPECT_EQ(arrived.height, 240u);
  EXPECT_FLOAT_EQ(arrived.points[0].x, 21);  // (10.25 + 0.5) · 2 − 0.5
  EXPECT_FLOAT_EQ(arrived.points[0].y, 41.5);
  EXPECT_FLOAT_EQ(arrived.side, 60);
}

TEST(Meta, FollowsAPictureThatGetsOtherPixelsInsteadOfBorders) {
  const Arrived arrived = send_through("videoscale ! video/x-raw,width=80,height=120");
  ASSERT_EQ(arrived.with_meta, 4);
  EXPECT_FLOAT_EQ(arrived.points[0].x, 4.875);
  EXPECT_FLOAT_EQ(arrived.points[0].y, 20.5);
}

TEST(Meta, FollowsAPictureThatADecoderHasShrunk) {
  const Arrived arrived = send_through("avenc_mjpeg ! avdec_mjpeg lowres=1 ! videoscale ! video/x-raw,width=160,height=120");
  ASSERT_EQ(arrived.with_meta, 4);
  EXPECT_EQ(arrived.width, 160u);
  EXPECT_FLOAT_EQ(arrived.points[0].x, 10.25f);
  EXPECT_FLOAT_EQ(arrived.side, 30);
}

TEST(Meta, FollowsAPictureScaledToAnOddSize) {
  // 160×120 to 101×75: 4:3 except for rounding by less than a pixel.
  const Arrived arrived = send_through("videoscale ! video/x-raw,width=101,height=75,pixel-aspect-ratio=1/1");
  ASSERT_EQ(arrived.with_meta, 4);
  EXPECT_NEAR(arrived.points[0].x, 6.286, 1e-2);
}

TEST(Meta, IsKeptByACopyOfTheWholeBufferAndNotByAPartOfIt) {
  const Scheme scheme = triangle();
  const Buffer buffer = marked_buffer(scheme.get());
  const Buffer whole(gst_buffer_copy_region(buffer.get(), GST_BUFFER_COPY_ALL, 0, 100));
  const Buffer part(gst_buffer_copy_region(buffer.get(), GST_BUFFER_COPY_ALL, 0, 50));
  EXPECT_NE(gst_fkp_buffer_get_meta(whole.get()), nullptr);
  EXPECT_EQ(gst_fkp_buffer_get_meta(part.get()), nullptr);
}

TEST(Meta, OfACopyIsItsOwn) {
  const Scheme scheme = triangle();
  const Buffer buffer = marked_buffer(scheme.get());
  const Buffer copy(gst_buffer_copy(buffer.get()));
  add_triangle(gst_fkp_buffer_get_meta(copy.get()), 8, 0, 0, 10);
  EXPECT_EQ(gst_fkp_meta_get_n_faces(gst_fkp_buffer_get_meta(buffer.get())), 1u);
  EXPECT_EQ(gst_fkp_meta_get_n_faces(gst_fkp_buffer_get_meta(copy.get())), 2u);
}

TEST(Meta, CanSayThatThereIsNoFace) {
  const Scheme scheme = triangle();
  const Buffer buffer(gst_buffer_new());
  EXPECT_EQ(gst_fkp_buffer_get_meta(buffer.get()), nullptr);
  gst_fkp_buffer_add_meta(buffer.get(), scheme.get(), 160, 120);
  EXPECT_EQ(gst_fkp_meta_get_n_faces(gst_fkp_buffer_get_meta(buffer.get())), 0u);
}

TEST(Meta, WithoutASchemeIsSeenByNobody) {
  const Buffer buffer(gst_buffer_new());
  gst_buffer_add_meta(buffer.get(), GST_FKP_META_INFO, nullptr);
  EXPECT_EQ(gst_fkp_buffer_get_meta(buffer.get()), nullptr);
  const Buffer copy(gst_buffer_copy(buffer.get()));
  EXPECT_EQ(gst_buffer_get_meta(copy.get(), GST_FKP_META_API_TYPE), nullptr);
  const Scheme scheme = triangle();
  GstFkpMeta* whole = gst_fkp_buffer_add_meta(buffer.get(), scheme.get(), 160, 120);
  EXPECT_EQ(gst_fkp_buffer_get_meta(buffer.get()), whole);
}

TEST(Meta, RefusesAFaceOfAnotherScheme) {
  const Scheme scheme = triangle();
  const Buffer buffer(gst_buffer_new());
  GstFkpMeta* meta = gst_fkp_buffer_add_meta(buffer.get(), scheme.get(), 160, 120);
  const GstFkpPoint point{1, 2, 1};
  g_test_expect_message(nullptr, G_LOG_LEVEL_CRITICAL, "*n_points*");
  gst_fkp_meta_add_face(meta, 1, 0, 0, 1, 1, 1, FALSE, &point, 1);
  g_test_assert_expected_messages();
  EXPECT_EQ(gst_fkp_meta_get_n_faces(meta), 0u);
}

TEST(Face, IsABoxedTypeThatIsCopied) {
  const Scheme scheme = triangle();
  const Buffer buffer = marked_buffer(scheme.get());
  const GstFkpFace* face = gst_fkp_meta_get_face(gst_fkp_buffer_get_meta(buffer.get()), 0);
  auto* copy = static_cast<GstFkpFace*>(g_boxed_copy(GST_TYPE_FKP_FACE, face));
  EXPECT_EQ(copy->id, 7u);
  EXPECT_NE(copy->points, face->points);
  EXPECT_EQ(gst_fkp_face_get_point(copy, 2)->y, 50.5f);
  g_boxed_free(GST_TYPE_FKP_FACE, copy);
}

TEST(Meta, CanBeReadFromC) {
  const Scheme scheme = triangle();
  const Buffer buffer = marked_buffer(scheme.get());
  EXPECT_EQ(consumer_first_point(buffer.get()).x, 10.25f);
}

}  // namespace
}  // namespace fkp::test
