// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/check/gstharness.h>
#include <gst/controller/controller.h>
#include <gst/video/video.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>

#include "media.h"
#include "support/files.h"

namespace fkp::test {
namespace {

constexpr std::uint8_t kGrey = 100;

/// fkpoverlay in a harness, fed with grey frames of 200×160 by default.
class Overlay : public testing::Test {
 protected:
  Overlay() : harness_(gst_harness_new("fkpoverlay")) { set_caps(200, 160); }
  ~Overlay() override { gst_harness_teardown(harness_); }
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;

  void set_caps(int width, int height, const char* format = "GRAY8", int pixel_aspect = 1) {
    gst_video_info_set_format(&info_, gst_video_format_from_string(format), width, height);
    info_.par_n = pixel_aspect;
    gst_harness_set_src_caps(harness_, gst_video_info_to_caps(&info_));
  }

  void style(const char* name) { gst_util_set_object_arg(G_OBJECT(harness_->element), "style", name); }
  bool shows(const char* property) {
    gboolean value = FALSE;
    g_object_get(harness_->element, property, &value, nullptr);
    return value != FALSE;
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

  /// The rectangle around all pixels of a grey frame that were changed within `where`.
  cv::Rect changed_part(const Buffer& buffer, const cv::Rect& where = {0, 0, 10'000, 10'000}) {
    const auto all = bytes(buffer);
    const cv::Mat pixels(info_.height, info_.width, CV_8UC1, const_cast<std::uint8_t*>(all.data()), GST_VIDEO_INFO_PLANE_STRIDE(&info_, 0));
    cv::Rect part;
    for (int y = 0; y < pixels.rows; y++)
      for (int x = 0; x < pixels.cols; x++)
        if (where.contains({x, y}) && pixels.at<std::uint8_t>(y, x) != kGrey) part |= cv::Rect(x, y, 1, 1);
    return part;
  }

  const Scheme scheme_ = triangle();
  GstVideoInfo info_{};
  GstHarness* harness_;
};

TEST_F(Overlay, PassesAFrameWithoutFacesAsItIs) {
  for (const bool with_meta : {false, true}) {
    Buffer in = frame();
    if (with_meta) add_meta(in);
    const Buffer shared(gst_buffer_ref(in.get()));  // a second reference, so not writable
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

TEST_F(Overlay, MapsNothingForWritingWhereNoPointIsInTheFrame) {
  style("debug");
  Buffer in = frame();
  GstFkpMeta* meta = add_meta(in);
  add_triangle(meta, 1, 400, 60, 40);
  add_triangle(meta, 2, 60, -300, 40);
  const Buffer shared(gst_buffer_ref(in.get()));
  GstMemory* memory = gst_buffer_peek_memory(in.get(), 0);
  const Buffer out = push(std::move(in));
  EXPECT_EQ(gst_buffer_peek_memory(out.get(), 0), memory);  // mapping for writing would have copied the shared memory
}

TEST_F(Overlay, PassesEveryFrameAsItIsWhereTheColourIsClear) {
  set("color", 0x00ffffffu);
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

constexpr const char* kSwitches[] = {"show-points", "show-outline", "show-box", "show-id", "show-score", "show-index"};

TEST_F(Overlay, DrawsWhatASwitchTurnsOnAndNotWhatItTurnsOff) {
  for (const char* name : kSwitches) {
    style("none");
    set(name, TRUE);
    EXPECT_GT(changed(push(frame_with_face())), 10) << name;
    set(name, FALSE);
    EXPECT_EQ(changed(push(frame_with_face())), 0) << name;
  }
}

TEST_F(Overlay, WritesAnotherScoreInOtherDigits) {
  style("none");
  set("show-score", TRUE);
  const auto written = [&](float score) {
    Buffer in = frame();
    const GstFkpPoint points[] = {{60, 60, 1}, {100, 60, 1}, {80, 100, 1}};
    gst_fkp_meta_add_face(add_meta(in), 1, 60, 60, 40, 40, score, FALSE, points, 3);
    return bytes(push(std::move(in)));
  };
  EXPECT_EQ(written(0.9f), written(0.901f));
  EXPECT_NE(written(0.9f), written(0.8f));
  EXPECT_EQ(written(1.0f), written(7.0f));
  EXPECT_EQ(written(0.0f), written(NAN));
}

TEST_F(Overlay, WritesTheNumberWholeWhereTheFaceReachesOverTheFramesEdge) {
  style("none");
  set("show-id", TRUE);
  const auto number = [&](float x, float y) {
    Buffer in = frame();
    add_triangle(add_meta(in), 4, x, y, 40);
    return static_cast<double>(changed(push(std::move(in))));
  };
  const double whole = number(60, 60);
  for (const auto& [x, y] : {std::pair{-20, -20}, {180, 60}, {180, -20}, {-20, 60}})
    EXPECT_NEAR(number(x, y), whole, whole / 10) << x << ", " << y;
}

TEST_F(Overlay, StylesTurnTheSwitches) {
  const std::pair<const char*, std::vector<bool>> styles[] = {
      {"points", {true, false, false, false, false, false}}, {"outline", {false, true, false, false, false, false}},
      {"mesh", {true, true, false, false, false, false}},    {"box", {false, false, true, true, false, false}},
      {"full", {true, true, true, true, false, false}},      {"debug", {true, true, true, true, true, true}},
      {"none", {false, false, false, false, false, false}},
  };
  for (const auto& [name, expected] : styles) {
    style(name);
    for (std::size_t i = 0; i < expected.size(); i++) EXPECT_EQ(shows(kSwitches[i]), expected[i]) << name << ", " << kSwitches[i];
  }
}

TEST_F(Overlay, ASwitchThatWasSetWinsOverTheStyleWhateverTheOrder) {
  set("show-box", TRUE);
  style("points");
  set("show-points", FALSE);
  EXPECT_TRUE(shows("show-box"));
  EXPECT_FALSE(shows("show-points"));
  style("debug");
  EXPECT_FALSE(shows("show-points"));
  EXPECT_TRUE(shows("show-index"));
}

TEST_F(Overlay, AStyleTellsWhoeverWatchesASwitch) {
  int told = 0;
  const auto count = +[](GObject*, GParamSpec*, gpointer n) { ++*static_cast<int*>(n); };
  g_signal_connect(harness_->element, "notify::show-box", G_CALLBACK(count), &told);
  style("points");
  EXPECT_EQ(told, 0);
  style("full");
  EXPECT_EQ(told, 1);
}

TEST_F(Overlay, AllItsPropertiesCanBeChangedAndControlledWhilePlaying) {
  guint n = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(harness_->element), &n);
  int own = 0;
  for (guint i = 0; i < n; i++) {
    if (specs[i]->owner_type != G_OBJECT_TYPE(harness_->element)) continue;
    own++;
    EXPECT_TRUE(specs[i]->flags & GST_PARAM_MUTABLE_PLAYING) << specs[i]->name;
    EXPECT_TRUE(specs[i]->flags & GST_PARAM_CONTROLLABLE) << specs[i]->name;
  }
  g_free(specs);
  EXPECT_EQ(own, 10);
}

TEST_F(Overlay, IsControlledOverTime) {
  style("none");
  GstControlSource* source = gst_interpolation_control_source_new();
  g_object_set(source, "mode", GST_INTERPOLATION_MODE_NONE, nullptr);
  gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(source), 0, 0);
  gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(source), GST_SECOND, 1);
  gst_object_add_control_binding(GST_OBJECT(harness_->element),
                                 gst_direct_control_binding_new(GST_OBJECT(harness_->element), "show-box", source));
  gst_object_unref(source);
  EXPECT_EQ(changed(push(frame_with_face())), 0);
  Buffer later = frame_with_face();
  GST_BUFFER_PTS(later.get()) = GST_SECOND;
  EXPECT_GT(changed(push(std::move(later))), 0);
}

TEST_F(Overlay, SmoothsEdges) {
  set("color", 0xffffffffu, "line-width", 2.f, "show-points", FALSE);
  const auto all = bytes(push(frame_with_face()));
  const auto between = std::count_if(all.begin(), all.end(), [](std::uint8_t v) { return v > kGrey + 10 && v < 190; });
  EXPECT_GT(between, 40);
}

TEST_F(Overlay, DrawsADotThatIsRoundOnTheDisplay) {
  set_caps(200, 160, "GRAY8", 2);  // pixels twice as wide as high
  style("points");
  set("radius", 10.f);
  Buffer in = frame();
  const GstFkpPoint points[] = {{100, 80, 1}, {NAN, 0, 1}, {0, NAN, 1}};
  gst_fkp_meta_add_face(add_meta(in), 1, 60, 60, 40, 80, 1, FALSE, points, 3);
  const Buffer out = push(std::move(in));
  EXPECT_NE(pixel(out, 100, 80 - 9), kGrey);
  EXPECT_EQ(pixel(out, 100, 80 - 12), kGrey);
  EXPECT_NE(pixel(out, 100 - 4, 80), kGrey);
  EXPECT_EQ(pixel(out, 100 - 7, 80), kGrey);
}

TEST_F(Overlay, LoadsNoTorch) {
  const std::string all = test::read("/proc/self/maps");
  EXPECT_NE(all.find("libgstfkpoverlay"), std::string::npos);
  EXPECT_EQ(all.find("libtorch"), std::string::npos);
}

TEST_F(Overlay, ShowsAHeldFaceDimmer) {
  set("radius", 3.f, "show-outline", FALSE);
  const int fresh = pixel(push(frame_with_face(false)), 80, 100), held = pixel(push(frame_with_face(true)), 80, 100);
  EXPECT_GT(std::abs(held - kGrey), 5);
  EXPECT_NEAR(held - kGrey, 0.4 * (fresh - kGrey), 1);
}

TEST_F(Overlay, ShowsAllOfAHeldFaceDimmer) {
  for (const char* name : kSwitches) {
    style("none");
    set(name, TRUE);
    const auto strength = [&](bool held) {
      int sum = 0;
      for (const std::uint8_t v : bytes(push(frame_with_face(held)))) sum += std::abs(v - kGrey);
      return sum;
    };
    const int fresh = strength(false), held = strength(true);
    EXPECT_GT(held, fresh * 0.2) << name;
    EXPECT_LT(held, fresh * 0.6) << name;
    set(name, FALSE);
  }
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
  const auto add_face = [&](const Buffer& b) { add_triangle(add_meta(b), 1, 40, 30, 60); };  // extends beyond both edges
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

TEST_F(Overlay, WritesTheLabelAboveTheBox) {
  style("none");
  set("show-id", TRUE);
  const cv::Rect label = changed_part(push(frame_with_face()));
  EXPECT_LE(label.br().y, 60);
  EXPECT_NEAR(label.height, 13, 2);
  EXPECT_NEAR(label.x, 58, 2);
  EXPECT_NEAR(label.width, 19, 2) << "#4";
  set("show-score", TRUE);
  const int both = changed_part(push(frame_with_face())).width;
  set("show-id", FALSE);
  const int score = changed_part(push(frame_with_face())).width;
  EXPECT_GT(both, score + label.width / 2) << "#4 0.90";
}

TEST_F(Overlay, WritesTwoDigitsOfEveryScore) {
  style("none");
  set("show-score", TRUE);
  const auto width = [&](float score) {
    Buffer in = frame();
    const GstFkpPoint points[] = {{60, 60, 1}, {100, 60, 1}, {80, 100, 1}};
    gst_fkp_meta_add_face(add_meta(in), 1, 60, 60, 40, 40, score, FALSE, points, 3);
    return changed_part(push(std::move(in))).width;
  };
  EXPECT_EQ(width(0.05f), width(0.5f)) << "0.05 and 0.50";
}

TEST_F(Overlay, WritesTheFacesOwnNumber) {
  style("none");
  set("show-id", TRUE);
  const auto number = [&](guint id) {
    Buffer in = frame();
    add_triangle(add_meta(in), id, 60, 60, 40);
    return bytes(push(std::move(in)));
  };
  EXPECT_EQ(number(4), number(4));
  EXPECT_NE(number(4), number(5));
}

TEST_F(Overlay, WritesWithAHaloThatContrasts) {
  style("none");
  set("show-id", TRUE);
  for (const guint color : {0xff00e676u, 0xff000080u}) {  // brighter and darker than the frame
    set("color", color);
    const auto all = bytes(push(frame_with_face()));
    EXPECT_LT(*std::min_element(all.begin(), all.end()), kGrey - 30) << std::hex << color;
    EXPECT_GT(*std::max_element(all.begin(), all.end()), kGrey + 30) << std::hex << color;
  }
}

TEST_F(Overlay, WritesNarrowerWherePixelsAreWide) {
  set_caps(200, 160, "GRAY8", 2);
  style("none");
  set("show-id", TRUE);
  EXPECT_NEAR(changed_part(push(frame_with_face())).width, 10, 2);
}

TEST_F(Overlay, NumbersThePointsFromZero) {
  style("none");
  set("show-index", TRUE);
  const Buffer out = push(frame_with_face());
  const int first = changed_part(out, {50, 40, 30, 40}).width, second = changed_part(out, {90, 40, 30, 40}).width;
  EXPECT_NEAR(first, second + 2, 0.5) << "a 0 is wider than a 1";
}

TEST_F(Overlay, LeavesANumberOutThatWouldCoverAnother) {
  style("none");
  set("show-index", TRUE);
  const Scheme six(gst_fkp_scheme_new_from_json(R"({"name": "six", "points": ["a", "b", "c", "d", "e", "f"]})", nullptr));
  const auto numbered = [&](guint n) {
    Buffer in = frame();
    std::vector<GstFkpPoint> points(6, {NAN, NAN, 1});
    std::fill_n(points.begin(), n, GstFkpPoint{100, 80, 1});
    gst_fkp_meta_add_face(gst_fkp_buffer_add_meta(in.get(), six.get(), 200, 160), 1, 60, 60, 40, 40, 1, FALSE, points.data(), 6);
    return push(std::move(in));
  };
  const Buffer four = numbered(4);
  for (const cv::Rect& corner : {cv::Rect(101, 0, 99, 80), {101, 80, 99, 80}, {0, 0, 100, 80}, {0, 80, 100, 80}})
    EXPECT_FALSE(changed_part(four, corner).empty()) << corner;
  EXPECT_EQ(bytes(numbered(6)), bytes(four));
}

TEST_F(Overlay, DrawsLinesByTheFacesSize) {
  set_caps(1200, 1200);
  style("none");
  set("show-box", TRUE, "color", 0xffffffffu);
  Buffer in = frame();
  add_triangle(add_meta(in), 1, 20, 20, 1000);
  const Buffer out = push(std::move(in));
  double width = 0;
  for (int y = 0; y < 100; y++) width += (pixel(out, 520, y) - kGrey) / (255. - kGrey);
  EXPECT_NEAR(width, 4.2, 0.1);
}

TEST_F(Overlay, LeavesAnOutlineOpenThatIsNotClosed) {
  style("outline");
  const Scheme open(
      gst_fkp_scheme_new_from_json(R"({"name": "open", "points": ["a", "b", "c"], "outlines": [{"points": [0, 1, 2]}]})", nullptr));
  Buffer in = frame();
  add_triangle(gst_fkp_buffer_add_meta(in.get(), open.get(), 200, 160), 1, 60, 60, 40);
  const Buffer out = push(std::move(in));
  EXPECT_NE(pixel(out, 80, 60), kGrey);
  EXPECT_NE(pixel(out, 90, 80), kGrey);
  EXPECT_EQ(pixel(out, 70, 80), kGrey);
}

TEST_F(Overlay, ScalesPixelsOntoPixels) {
  style("points");
  set("radius", 2.f);
  Buffer in = frame();
  add_triangle(gst_fkp_buffer_add_meta(in.get(), scheme_.get(), 20, 16), 1, 5, 5, 4);
  EXPECT_EQ(changed_part(push(std::move(in)), {30, 30, 40, 40}), cv::Rect(53, 53, 4, 4)) << "around (5 + 0.5) · 10 − 0.5";
}

TEST_F(Overlay, WarnsOfEachRunOfFramesThatCannotBeMapped) {
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(harness_->element, bus);
  const auto push_cut_short = [&] {
    Buffer in(gst_buffer_new_allocate(nullptr, 100, nullptr));
    GST_BUFFER_PTS(in.get()) = 0;
    add_triangle(add_meta(in), 4, 60, 60, 40);
    EXPECT_EQ(gst_buffer_get_size(push(std::move(in)).get()), 100u);
  };
  push_cut_short();
  push_cut_short();
  push(frame_with_face());
  push_cut_short();
  int warnings = 0;
  while (GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_WARNING)) {
    warnings++;
    gst_message_unref(message);
  }
  EXPECT_EQ(warnings, 2);
  gst_element_set_bus(harness_->element, nullptr);
  gst_object_unref(bus);
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
