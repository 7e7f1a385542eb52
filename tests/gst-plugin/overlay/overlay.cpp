// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "media.h"

namespace fkp::test {
namespace {

constexpr std::uint8_t kGrey = 100;

/// fkpoverlay between two pads, fed with grey frames of 200×160 unless told otherwise.
class Overlay : public testing::Test {
 protected:
  Overlay() : harness_(gst_harness_new("fkpoverlay")) { set_caps(200, 160); }
  ~Overlay() override { gst_harness_teardown(harness_); }
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;

  void set_caps(int width, int height, const char* format = "GRAY8") {
    gst_video_info_set_format(&info_, gst_video_format_from_string(format), width, height);
    gst_harness_set_src_caps(harness_, gst_video_info_to_caps(&info_));
  }

  template <class... Values>
  void set(Values... values) {
    g_object_set(harness_->element, values..., nullptr);
  }

  Buffer frame() {
    Buffer buffer(gst_buffer_new_allocate(nullptr, info_.size, nullptr));
    gst_buffer_memset(buffer.get(), 0, kGrey, info_.size);
    GST_BUFFER_PTS(buffer.get()) = 0;
    return buffer;
  }

  GstFkpMeta* add_meta(const Buffer& buffer) { return gst_fkp_buffer_add_meta(buffer.get(), scheme_.get(), info_.width, info_.height); }

  /// A frame with a triangle at (60, 60) of side 40.
  Buffer frame_with_face(bool held = false) {
    Buffer buffer = frame();
    add_triangle(add_meta(buffer), 4, 60, 60, 40, held);
    return buffer;
  }

  Buffer push(Buffer buffer) { return Buffer(gst_harness_push_and_pull(harness_, buffer.release())); }

  static std::vector<std::uint8_t> bytes(const Buffer& buffer) {
    std::vector<std::uint8_t> all(gst_buffer_get_size(buffer.get()));
    gst_buffer_extract(buffer.get(), 0, all.data(), all.size());
    return all;
  }
  int pixel(const Buffer& buffer, int x, int y) { return bytes(buffer)[y * GST_VIDEO_INFO_PLANE_STRIDE(&info_, 0) + x]; }
  static auto changed(const Buffer& buffer) {
    const auto all = bytes(buffer);
    return std::count_if(all.begin(), all.end(), [](std::uint8_t v) { return v != kGrey; });
  }

  const Scheme scheme_ = triangle();
  GstVideoInfo info_{};
  GstHarness* harness_;
};

TEST_F(Overlay, PassesAFrameWithoutFacesAsItIs) {
  for (const bool with_meta : {false, true}) {
    Buffer in = frame();
    if (with_meta) add_meta(in);
    const Buffer shared(gst_buffer_ref(in.get()));  // somebody else's, so not writable
    GstMemory* memory = gst_buffer_peek_memory(in.get(), 0);
    GST_MINI_OBJECT_FLAG_SET(memory, GST_MEMORY_FLAG_READONLY);
    const Buffer out = push(std::move(in));
    EXPECT_EQ(out.get(), shared.get());
    EXPECT_EQ(gst_buffer_peek_memory(out.get(), 0), memory);
    EXPECT_EQ(changed(out), 0);
  }
}

TEST_F(Overlay, PassesEveryFrameAsItIsWhereNothingIsShown) {
  set("show-points", FALSE, "show-outline", FALSE);
  Buffer in = frame_with_face();
  const Buffer shared(gst_buffer_ref(in.get()));
  EXPECT_EQ(push(std::move(in)).get(), shared.get());
}

TEST_F(Overlay, DrawsIntoABufferOfItsOwnWithoutACopy) {
  Buffer in = frame_with_face();
  GstBuffer* buffer = in.get();
  GstMemory* memory = gst_buffer_peek_memory(buffer, 0);
  const Buffer out = push(std::move(in));
  EXPECT_EQ(out.get(), buffer);
  EXPECT_EQ(gst_buffer_peek_memory(out.get(), 0), memory);
  EXPECT_GT(changed(out), 0);
}

TEST_F(Overlay, LeavesABufferThatIsSharedAlone) {
  Buffer in = frame_with_face();
  const Buffer shared(gst_buffer_ref(in.get()));
  const Buffer out = push(std::move(in));
  EXPECT_NE(out.get(), shared.get());
  EXPECT_GT(changed(out), 0);
  EXPECT_EQ(changed(shared), 0);
  EXPECT_NE(gst_fkp_buffer_get_meta(out.get()), nullptr);
}

TEST_F(Overlay, DrawsThePointsWhereTheyAre) {
  set("radius", 3.f, "show-outline", FALSE);
  const Buffer out = push(frame_with_face());
  for (const auto& [x, y] : {std::pair{60, 60}, {100, 60}, {80, 100}}) EXPECT_NE(pixel(out, x, y), kGrey) << x << ", " << y;
  EXPECT_NEAR(static_cast<double>(changed(out)), 3 * 3.14 * 9, 60);
}

TEST_F(Overlay, DrawsTheOutlineOfTheScheme) {
  set("show-points", FALSE, "line-width", 2.f);
  const Buffer out = push(frame_with_face());
  EXPECT_NE(pixel(out, 80, 60), kGrey);
  EXPECT_NE(pixel(out, 90, 80), kGrey);
  EXPECT_NE(pixel(out, 70, 80), kGrey);  // the line that closes it
  EXPECT_EQ(pixel(out, 80, 75), kGrey);
}

TEST_F(Overlay, DrawsTheBox) {
  set("show-points", FALSE, "show-outline", FALSE, "show-box", TRUE);
  const Buffer out = push(frame_with_face());
  for (const auto& [x, y] : {std::pair{60, 80}, {100, 80}, {80, 60}, {80, 100}}) EXPECT_NE(pixel(out, x, y), kGrey) << x << ", " << y;
  EXPECT_EQ(pixel(out, 80, 80), kGrey);
}

TEST_F(Overlay, WritesTheFacesNumberAndThePointsNumbers) {
  set("show-points", FALSE, "show-outline", FALSE, "show-id", TRUE);
  const auto number = changed(push(frame_with_face()));
  EXPECT_GT(number, 10);
  EXPECT_LT(number, 300);
  set("show-id", FALSE, "show-index", TRUE);
  EXPECT_GT(changed(push(frame_with_face())), 10);
}

TEST_F(Overlay, ShowsAHeldFaceDimmer) {
  set("radius", 3.f, "show-outline", FALSE);
  const int fresh = pixel(push(frame_with_face(false)), 80, 100), held = pixel(push(frame_with_face(true)), 80, 100);
  EXPECT_GT(std::abs(held - kGrey), 5);
  EXPECT_LT(std::abs(held - kGrey), std::abs(fresh - kGrey) * 0.7);
}

TEST_F(Overlay, ShowsTheFrameThroughATranslucentColour) {
  set("radius", 3.f, "show-outline", FALSE, "color", 0x80ffffffu);
  EXPECT_NEAR(pixel(push(frame_with_face()), 80, 100), (kGrey + 255) / 2.0, 2);
}

TEST_F(Overlay, TakesNewPropertiesWhilePlaying) {
  set("radius", 2.f, "show-outline", FALSE);
  const auto small = changed(push(frame_with_face()));
  set("radius", 6.f);
  EXPECT_GT(changed(push(frame_with_face())), 4 * small);
}

TEST_F(Overlay, DrawsALargeFaceWithLargerDotsThanASmallOne) {
  set_caps(1200, 1200);
  set("show-outline", FALSE);
  const auto dots = [&](float side) {
    Buffer in = frame();
    add_triangle(add_meta(in), 1, 20, 20, side);
    return changed(push(std::move(in))) / 3;
  };
  EXPECT_LE(dots(40), 9);
  EXPECT_GE(dots(1000), 100);
  EXPECT_LE(dots(1000), 200);
}

TEST_F(Overlay, FollowsAChangeOfTheFramesSize) {
  set("radius", 3.f, "show-outline", FALSE);
  push(frame_with_face());
  set_caps(101, 75);
  Buffer in = frame();
  add_triangle(add_meta(in), 1, 10, 10, 40);
  const Buffer out = push(std::move(in));
  EXPECT_NE(pixel(out, 10, 10), kGrey);
  EXPECT_NE(pixel(out, 30, 50), kGrey);
  EXPECT_EQ(pixel(out, 60, 60), kGrey);
}

TEST_F(Overlay, ScalesPointsOfAFrameOfAnotherSize) {
  set("radius", 3.f, "show-outline", FALSE);
  Buffer in = frame();
  add_triangle(gst_fkp_buffer_add_meta(in.get(), scheme_.get(), 400, 320), 1, 60, 60, 40);
  const Buffer out = push(std::move(in));
  EXPECT_NE(pixel(out, 30, 30), kGrey);
  EXPECT_EQ(pixel(out, 60, 60), kGrey);
}

TEST_F(Overlay, IgnoresPointsThatAreNowhere) {
  set("show-box", TRUE, "show-id", TRUE, "show-index", TRUE);
  Buffer in = frame();
  GstFkpMeta* meta = add_meta(in);
  const GstFkpPoint points[] = {{NAN, 3, 1}, {INFINITY, -INFINITY, 1}, {-1e30f, 4, 1}};
  gst_fkp_meta_add_face(meta, 1, NAN, 0, INFINITY, 10, 1, FALSE, points, 3);
  gst_fkp_meta_add_face(meta, 2, -4000, -4000, 10, 10, 1, FALSE, points, 3);
  EXPECT_EQ(changed(push(std::move(in))), 0);
}

TEST_F(Overlay, KeepsToThePictureWhereRowsArePadded) {
  set_caps(101, 75, "I420");
  set("radius", 8.f);
  const auto add_face = [&](const Buffer& b) { add_triangle(add_meta(b), 1, 40, 30, 60); };  // reaches over both edges
  Buffer plain = frame();
  add_face(plain);
  const Buffer expected = push(std::move(plain));

  gsize offset[GST_VIDEO_MAX_PLANES] = {64, 64 + 160 * 80, 64 + 160 * 80 + 96 * 40};
  gint stride[GST_VIDEO_MAX_PLANES] = {160, 96, 96};
  Buffer padded(gst_buffer_new_allocate(nullptr, 64 + 160 * 80 + 2 * 96 * 40, nullptr));
  gst_buffer_memset(padded.get(), 0, kGrey, gst_buffer_get_size(padded.get()));
  gst_buffer_add_video_meta_full(padded.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420, 101, 75, 3, offset, stride);
  add_face(padded);
  const Buffer out = push(std::move(padded));

  auto a = bytes(expected), b = bytes(out);
  for (guint plane = 0; plane < 3; plane++)
    for (int y = 0; y < GST_VIDEO_INFO_COMP_HEIGHT(&info_, plane); y++) {
      auto* there = &b[offset[plane] + static_cast<gsize>(y) * stride[plane]];
      const int width = GST_VIDEO_INFO_COMP_WIDTH(&info_, plane);
      EXPECT_EQ(
          std::memcmp(&a[GST_VIDEO_INFO_PLANE_OFFSET(&info_, plane) + static_cast<gsize>(y) * GST_VIDEO_INFO_PLANE_STRIDE(&info_, plane)],
                      there, width),
          0)
          << "plane " << plane << ", row " << y;
      std::memset(there, kGrey, width);
    }
  EXPECT_TRUE(std::all_of(b.begin(), b.end(), [](std::uint8_t v) { return v == kGrey; })) << "the padding was drawn into";
}

TEST(OverlayPipeline, LeavesTheOtherBranchOfATeeAlone) {
  const Scheme scheme = triangle();
  const auto sum = [](GstBuffer* b) {
    GstMapInfo map;
    gst_buffer_map(b, &map, GST_MAP_READ);
    gchar* text = g_compute_checksum_for_data(G_CHECKSUM_MD5, map.data, map.size);
    gst_buffer_unmap(b, &map);
    std::string result = text;
    g_free(text);
    return result;
  };
  std::vector<std::string> sent, plain, drawn;
  Pipeline pipeline(
      "videotestsrc name=source num-buffers=5 ! video/x-raw,format=NV12,width=160,height=120 ! tee name=t  t. ! queue ! fkpoverlay ! "
      "fakesink name=drawn  t. ! queue ! fakesink name=plain");
  pipeline.mark([&](GstBuffer* b) {
    add_triangle(gst_fkp_buffer_add_meta(b, scheme.get(), 160, 120), 1, 40, 40, 50);
    sent.push_back(sum(b));
  });
  pipeline.watch("plain", [&](GstBuffer* b) { plain.push_back(sum(b)); });
  pipeline.watch("drawn", [&](GstBuffer* b) { drawn.push_back(sum(b)); });
  const Outcome outcome = pipeline.run();
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  EXPECT_EQ(plain, sent);
  ASSERT_EQ(drawn.size(), 5u);
  for (int i = 0; i < 5; i++) EXPECT_NE(drawn[i], sent[i]);
}

}  // namespace
}  // namespace fkp::test
