// SPDX-License-Identifier: LGPL-2.1-or-later
// What is mended in a stream on its way through: times and caps.
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caps.h"
#include "gst_ptr.h"
#include "media.h"
#include "still.h"
#include "times.h"

namespace fkp::test {
namespace {

constexpr GstClockTime kNone = GST_CLOCK_TIME_NONE;

/// A row of elements; the first of them is mended.
class Stream {
 public:
  explicit Stream(const char* elements) : h_(gst_harness_new_parse(elements)) {}
  ~Stream() { gst_harness_teardown(h_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  GstHarness* get() { return h_; }
  GstPtr<GstElement> element(const char* name) const { return GstPtr<GstElement>(gst_bin_get_by_name(GST_BIN(h_->element), name)); }
  GstPtr<GstPad> pad(const char* name) const { return GstPtr<GstPad>(gst_element_get_static_pad(element(name).get(), "src")); }

  void caps(const std::string& caps) { gst_harness_set_src_caps_str(h_, caps.c_str()); }
  /// A frame that lasts 40 ms; the time at which it comes out.
  GstClockTime push(GstClockTime time, gsize bytes = 4) {
    GstBuffer* buffer = gst_harness_create_buffer(h_, bytes);
    GST_BUFFER_PTS(buffer) = time == kNone ? kNone : time * GST_MSECOND;
    GST_BUFFER_DURATION(buffer) = 40 * GST_MSECOND;
    GstBuffer* out = gst_harness_push_and_pull(h_, buffer);
    const GstClockTime passed = GST_BUFFER_PTS(out);
    size_ = gst_buffer_get_size(out);
    gst_buffer_unref(out);
    return passed == kNone ? kNone : passed / GST_MSECOND;
  }
  gsize size() const { return size_; }  // of the last frame

 private:
  GstHarness* h_;
  gsize size_ = 0;
};

std::vector<GstClockTime> in_order(const std::vector<GstClockTime>& times) {
  Stream stream("identity name=first");
  keep_order(stream.pad("first").get());
  stream.caps("video/x-raw");
  std::vector<GstClockTime> passed;
  for (const GstClockTime time : times) passed.push_back(stream.push(time));
  return passed;
}

using Times = std::vector<GstClockTime>;

TEST(KeepOrder, LeavesRisingTimesAsTheyAre) { EXPECT_EQ(in_order({7, 10, 50, 400}), (Times{7, 10, 50, 400})); }

TEST(KeepOrder, MovesAFrameThatIsNotLater) {
  EXPECT_EQ(in_order({0, 40, 40, 120}), (Times{0, 40, 80, 120}));
  EXPECT_EQ(in_order({0, 40, 40, 80, 120, 200}), (Times{0, 40, 80, 120, 160, 200})) << "those behind it, too, until there is room";
  EXPECT_EQ(in_order({0, kNone, kNone, 120}), (Times{0, 40, 80, 120}));
}

TEST(KeepOrder, NeverMovesAFrameFarByDurations) {
  Times many(100, 1000);
  const Times passed = in_order(many);
  for (std::size_t i = 1; i < passed.size(); i++) EXPECT_GT(passed[i], passed[i - 1]);
  EXPECT_LT(passed.back(), 1000U + 1040U + 100U);
}

TEST(KeepOrder, BeginsAnewWithASegment) {
  Stream stream("identity name=first");
  keep_order(stream.pad("first").get());
  stream.caps("video/x-raw");
  EXPECT_EQ(stream.push(500), 500U);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.base = 540 * GST_MSECOND;
  ASSERT_TRUE(gst_harness_push_event(stream.get(), gst_event_new_segment(&segment)));
  EXPECT_EQ(stream.push(0), 0U);
}

std::string colorimetry_behind(const std::string& given, int height) {
  Stream stream("identity name=first");
  complete_video(stream.pad("first").get());
  stream.caps("video/x-raw,format=I420,width=64,height=" + std::to_string(height) + ",framerate=25/1" +
              (given.empty() ? "" : ",colorimetry=" + given));
  stream.push(0);
  const GstPtr<GstCaps> caps(gst_pad_get_current_caps(stream.get()->sinkpad));
  const gchar* colorimetry = gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "colorimetry");
  return colorimetry ? colorimetry : "";
}

TEST(CompleteVideo, KeepsTheRangeOfVideoWithoutAMatrix) {
  EXPECT_EQ(colorimetry_behind("1:0:0:0", 576), "1:4:0:0");
  EXPECT_EQ(colorimetry_behind("1:0:5:1", 720), "1:3:5:1");
  EXPECT_EQ(colorimetry_behind("2:0:0:0", 480), "2:4:0:0");
}

TEST(CompleteVideo, LeavesTheRestAsItIs) {
  EXPECT_EQ(colorimetry_behind("bt709", 480), "bt709");
  EXPECT_EQ(colorimetry_behind("1:4:0:0", 1080), "1:4:0:0");
  EXPECT_EQ(colorimetry_behind("0:0:5:1", 480), "0:0:5:1");
  EXPECT_EQ(colorimetry_behind("", 480), "");
}

TEST(CompleteVideo, TakesPixelsOfNoShapeForSquares) {
  Stream stream("identity name=first");
  complete_video(stream.pad("first").get());
  stream.caps("video/x-raw,format=BGR,width=64,height=48,pixel-aspect-ratio=-1/1");
  stream.push(0);
  const GstPtr<GstCaps> caps(gst_pad_get_current_caps(stream.get()->sinkpad));
  gint n = 0, d = 0;
  EXPECT_TRUE(gst_structure_get_fraction(gst_caps_get_structure(caps.get(), 0), "pixel-aspect-ratio", &n, &d));
  EXPECT_EQ(n, 1);
  EXPECT_EQ(d, 1);
}

guint64 mask_behind(int channels, const std::string& mask) {
  Stream stream("identity name=first");
  complete_channels(stream.pad("first").get());
  stream.caps("audio/x-raw,format=S16LE,rate=48000,layout=interleaved,channels=" + std::to_string(channels) + ",channel-mask=(bitmask)" +
              mask);
  stream.push(0, 96);
  const GstPtr<GstCaps> caps(gst_pad_get_current_caps(stream.get()->sinkpad));
  guint64 found = 0;
  EXPECT_TRUE(gst_structure_get(gst_caps_get_structure(caps.get(), 0), "channel-mask", GST_TYPE_BITMASK, &found, nullptr));
  return found;
}

TEST(CompleteChannels, NamesThoseThatEncodersKnow) {
  EXPECT_EQ(mask_behind(6, "0xc0f"), 0x3fU) << "5.1 with speakers at the sides";
  EXPECT_EQ(mask_behind(4, "0x0"), 0x33U) << "nobody said which";
  EXPECT_EQ(mask_behind(6, "0x3f"), 0x3fU);
  EXPECT_EQ(mask_behind(8, "0xc3f"), 0xc3fU) << "sides and behind";
  EXPECT_EQ(mask_behind(8, "0xccf"), 0xccfU) << "its channels would change places";
}

TEST(Still, IsTheFrameWithAFaceNearestToTheMiddle) {
  for (const auto& [end, expected] : {std::pair(900, 600), std::pair(0, 0)}) {
    const Scheme scheme = triangle();
    Still still(end * GST_MSECOND);  // its middle is at 450 ms; if its end is not known, the first frame is as good as any
    Pipeline pipeline("videotestsrc name=source num-buffers=9 ! video/x-raw,width=64,height=48,framerate=10/1 ! fakesink name=sink");
    pipeline.mark([&, i = 0](GstBuffer* b) mutable {
      GstFkpMeta* meta = gst_fkp_buffer_add_meta(b, scheme.get(), 64, 48);
      if (i < 2 || i == 6 || i == 7) add_triangle(meta, 1, 10, 10, 20);
      i++;
    });
    const Element sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
    GstPad* pad = gst_element_get_static_pad(sink.get(), "sink");
    still.watch(pad);
    gst_object_unref(pad);
    EXPECT_TRUE(pipeline.run().ok());
    const auto sample = still.take();
    ASSERT_TRUE(sample);
    EXPECT_EQ(GST_BUFFER_PTS(gst_sample_get_buffer(sample.get())), expected * GST_MSECOND);
  }
}

TEST(KeepFirstSize, ScalesWhatComesLater) {
  Stream stream("identity name=first ! videoscale ! capsfilter name=size caps=video/x-raw,format=GRAY8");
  keep_first_size(stream.pad("first").get(), stream.element("size").get());
  stream.caps("video/x-raw,format=GRAY8,width=64,height=48,framerate=25/1,pixel-aspect-ratio=4/3");
  stream.push(0, 64 * 48);
  EXPECT_EQ(stream.size(), 64U * 48U);
  stream.caps("video/x-raw,format=GRAY8,width=32,height=32,framerate=25/1,pixel-aspect-ratio=1/1");
  stream.push(40, 32 * 32);
  EXPECT_EQ(stream.size(), 64U * 48U);
  const GstPtr<GstCaps> caps(gst_pad_get_current_caps(stream.get()->sinkpad));
  GstVideoInfo info;
  ASSERT_TRUE(gst_video_info_from_caps(&info, caps.get()));
  EXPECT_EQ(GST_VIDEO_INFO_PAR_N(&info), 4);
  EXPECT_EQ(GST_VIDEO_INFO_PAR_D(&info), 3);
}

}  // namespace
}  // namespace fkp::test
