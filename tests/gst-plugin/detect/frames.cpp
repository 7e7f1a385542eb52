// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames that are cropped by metadata, or that cannot be mapped (gst-plugin/common/frames.h).
#include "bright_faces.h"

namespace fkp {
namespace {

using test::BrightStream;
using test::Buffer;
using test::faces_on;
using test::Pipeline;

class Frames : public test::BrightFaces {
 protected:
  /// How many of four cropped frames reach a sink that can crop by metadata with the cropped pixels still in them.
  static int cropped_by_metadata(const std::string& element) {
    Pipeline pipeline("videotestsrc num-buffers=4 ! video/x-raw,format=I420,width=128,height=64,framerate=30/1 ! videocrop left=32 ! " +
                      element + " ! identity name=end ! fakevideosink sync=false");
    int frames = 0, cropped = 0;
    pipeline.watch("end", [&](GstBuffer* b) {
      frames++;
      cropped += gst_buffer_get_video_crop_meta(b) != nullptr;
    });
    EXPECT_TRUE(pipeline.run().ok());
    EXPECT_EQ(frames, 4);
    return cropped;
  }

  static GstBuffer* cut_short(int frame) {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 100, nullptr);
    GST_BUFFER_PTS(buffer) = BrightStream::time_of(frame);
    return buffer;
  }
};

TEST_F(Frames, AreReallyCroppedBeforeElementsThatLookIntoThem) {
  EXPECT_EQ(cropped_by_metadata("identity"), 4) << "else the rest shows nothing";
  EXPECT_EQ(cropped_by_metadata(detect()), 0);
  EXPECT_EQ(cropped_by_metadata("fkpoverlay"), 0);
  EXPECT_EQ(cropped_by_metadata("fkppublish location=/dev/null"), 0);
}

TEST_F(Frames, ThatAreCutShortPassWithTheLastFacesAndOneWarning) {
  BrightStream stream(detect() + " ! fkpoverlay");
  GstBus* bus = gst_bus_new();
  GstElement* element = stream.element();
  gst_element_set_bus(element, bus);
  const auto push = [&](GstBuffer* buffer) { return Buffer(gst_harness_push_and_pull(stream.get(), buffer)); };
  EXPECT_EQ(faces_on(push(BrightStream::frame(255, BrightStream::time_of(0)))), 1u);
  for (int i = 1; i < 4; i++) {
    const Buffer out = push(cut_short(i));
    ASSERT_TRUE(out);
    EXPECT_EQ(gst_buffer_get_size(out.get()), 100u);
    ASSERT_EQ(faces_on(out), 1u);
    EXPECT_TRUE(test::face_on(out)->held);
  }
  const Buffer after = push(BrightStream::frame(255, BrightStream::time_of(4)));
  ASSERT_EQ(faces_on(after), 1u);
  EXPECT_FALSE(test::face_on(after)->held);
  int warnings = 0;
  while (GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_WARNING)) {
    warnings++;
    gst_message_unref(message);
  }
  EXPECT_EQ(warnings, 1);
  gst_element_set_bus(element, nullptr);
  gst_object_unref(element);
  gst_object_unref(bus);
}

}  // namespace
}  // namespace fkp
