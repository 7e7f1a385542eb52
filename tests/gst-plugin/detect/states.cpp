// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/allocators/allocators.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bright_faces.h"

namespace fkp {
namespace {

using test::BrightFaces;
using test::BrightStream;
using test::Pipeline;

class States : public BrightFaces {
 protected:
  void reach(GstElement* pipeline, GstState state) {
    ASSERT_NE(gst_element_set_state(pipeline, state), GST_STATE_CHANGE_FAILURE);
    ASSERT_NE(gst_element_get_state(pipeline, nullptr, nullptr, 20 * GST_SECOND), GST_STATE_CHANGE_FAILURE);
  }
};

// leaks.sh runs both of these and checks what they leave behind.
TEST_F(States, DISABLED_LeaveAnElementBehind) { gst_object_ref_sink(gst_element_factory_make("fkpdetect", nullptr)); }

TEST_F(States, CycleTwoHundredTimes) {
  Pipeline pipeline("videotestsrc pattern=white ! video/x-raw,format=GRAY8,width=64,height=64 ! " + detect() + " ! fakesink");
  for (int i = 0; i < 200; i++) {
    reach(pipeline.get(), GST_STATE_PLAYING);
    reach(pipeline.get(), GST_STATE_READY);
  }
}

TEST_F(States, SeekFlushAndEndInEveryState) {
  for (const GstState state : {GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED, GST_STATE_PLAYING}) {
    Pipeline pipeline("videotestsrc name=source pattern=white ! video/x-raw,format=GRAY8,width=64,height=64,framerate=30/1 ! " +
                      detect("name=it") + " ! fakesink name=end");
    int faces = 0;
    pipeline.watch("end", [&](GstBuffer* b) { faces += static_cast<int>(gst_fkp_meta_get_n_faces(gst_fkp_buffer_get_meta(b))); });
    reach(pipeline.get(), state);
    const test::Element element(gst_bin_get_by_name(GST_BIN(pipeline.get()), "it"));
    gst_element_send_event(element.get(), gst_event_new_flush_start());
    gst_element_send_event(element.get(), gst_event_new_flush_stop(TRUE));
    // Plays the first second, 30 frames, and then ends; below PAUSED there is nothing to seek in.
    const bool sought =
        gst_element_seek(pipeline.get(), 1, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET, GST_SECOND);
    EXPECT_EQ(sought, state >= GST_STATE_PAUSED);
    const test::Element source(gst_bin_get_by_name(GST_BIN(pipeline.get()), "source"));
    if (!sought) g_object_set(source.get(), "num-buffers", 30, nullptr);
    EXPECT_TRUE(pipeline.run().ok()) << "from state " << state;  // waits for the end of the stream
    EXPECT_GE(faces, 30) << "from state " << state;
  }
}

TEST_F(States, EndWhenTheyAreToldTo) {
  Pipeline pipeline("videotestsrc pattern=white ! video/x-raw,format=GRAY8,width=64,height=64 ! " + detect() + " ! fakesink sync=true");
  reach(pipeline.get(), GST_STATE_PLAYING);  // in PAUSED, a source delays the end until its first frame has passed
  gst_element_send_event(pipeline.get(), gst_event_new_eos());
  EXPECT_TRUE(pipeline.run().ok());
}

TEST_F(States, TakeAChangeOfFormatAndSizeInMidStream) {
  BrightStream stream(detect());
  EXPECT_EQ(test::faces_on(stream.push(255)), 1u);
  GstHarness* h = stream.get();
  for (const char* format : {"NV12", "I420_10LE", "RGB"}) {
    const std::string caps_text = "video/x-raw,format=" + std::string(format) + ",width=98,height=50,framerate=30/1";
    gst_harness_set_src_caps_str(h, caps_text.c_str());
    GstCaps* caps = gst_caps_from_string(caps_text.c_str());
    GstVideoInfo info;
    ASSERT_TRUE(gst_video_info_from_caps(&info, caps));
    gst_caps_unref(caps);
    GstBuffer* frame = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr);
    gst_buffer_memset(frame, 0, 0xff, GST_VIDEO_INFO_SIZE(&info));
    const test::Buffer out(gst_harness_push_and_pull(h, frame));
    ASSERT_EQ(test::faces_on(out), 1u) << format;
    EXPECT_EQ(gst_fkp_buffer_get_meta(out.get())->width, 98u);
    EXPECT_NEAR(test::face_on(out)->points[2].x, 48.5, 0.1) << format;
  }
}

TEST_F(States, ReadDmaBufsThatCanBeMapped) {
  BrightStream stream(detect());
  const int fd = memfd_create("frame", 0);
  ASSERT_GE(fd, 0);
  const std::string pixels(64 * 64, '\xff');
  ASSERT_EQ(write(fd, pixels.data(), pixels.size()), static_cast<ssize_t>(pixels.size()));
  GstAllocator* allocator = gst_dmabuf_allocator_new();
  GstBuffer* frame = gst_buffer_new();
  gst_buffer_append_memory(frame, gst_dmabuf_allocator_alloc(allocator, fd, pixels.size()));
  ASSERT_TRUE(gst_is_dmabuf_memory(gst_buffer_peek_memory(frame, 0)));
  GST_BUFFER_PTS(frame) = 0;
  EXPECT_EQ(test::faces_on(test::Buffer(gst_harness_push_and_pull(stream.get(), frame))), 1u);
  gst_object_unref(allocator);
}

TEST_F(States, KeepFacesWhereOnlyTheFrameRateChanges) {
  BrightStream stream(detect());
  const guint id = test::face_on(stream.push(255))->id;
  gst_harness_set_src_caps_str(stream.get(), "video/x-raw,format=GRAY8,width=64,height=64,framerate=25/1");
  EXPECT_EQ(test::face_on(stream.push(255))->id, id);
}

TEST_F(States, TakeInterlacedFramesAsTheyAreWoven) {
  for (const char* mode : {"interleaved", "mixed"}) {
    BrightStream stream(detect());
    gst_harness_set_src_caps_str(
        stream.get(), ("video/x-raw,format=GRAY8,width=64,height=64,framerate=30/1,interlace-mode=" + std::string(mode)).c_str());
    EXPECT_EQ(test::faces_on(stream.push(255)), 1u) << mode;
  }
}

TEST(Timestamps, MayBeMissing) {
  for (const char* properties : {"smoothing=one-euro mode=live", "smoothing=none mode=auto"}) {
    BrightStream stream("fkpdetect detector=none " + std::string(properties));
    for (int i = 0; i < 5; i++) {
      const test::Buffer out(gst_harness_push_and_pull(stream.get(), BrightStream::frame(255, GST_CLOCK_TIME_NONE)));
      EXPECT_NE(gst_fkp_buffer_get_meta(out.get()), nullptr);
    }
  }
}

TEST(Timestamps, MayBeOfASegmentThatIsNotInTime) {
  // As from appsrc, whose default is bytes.
  const GLogLevelFlags before = g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL));
  GstHarness* h = gst_harness_new_parse("fkpdetect detector=none smoothing=one-euro");
  gst_harness_set_src_caps_str(h, "video/x-raw,format=GRAY8,width=64,height=64,framerate=30/1");
  gst_harness_play(h);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_BYTES);
  EXPECT_TRUE(gst_harness_push_event(h, gst_event_new_segment(&segment)));
  const test::Buffer out(gst_harness_push_and_pull(h, BrightStream::frame(255, 0)));
  EXPECT_NE(gst_fkp_buffer_get_meta(out.get()), nullptr);
  gst_harness_teardown(h);
  g_log_set_always_fatal(before);
}

}  // namespace
}  // namespace fkp
