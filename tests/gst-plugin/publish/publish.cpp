// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/check/gstharness.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "media.h"
#include "support/files.h"

namespace fkp::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class Publish : public testing::Test {
 protected:
  std::string path() const { return (folder_ / "faces.jsonl").string(); }

  std::vector<json> lines() const {
    std::vector<json> all;
    std::ifstream file(path());
    for (std::string line; std::getline(file, line);) all.push_back(json::parse(line));
    return all;
  }

  static std::string pipeline(int frames, const std::string& properties) {
    return "videotestsrc name=source num-buffers=" + std::to_string(frames) +
           " ! video/x-raw,width=64,height=48,framerate=10/1 ! fkppublish name=publish " + properties + " ! fakesink name=sink";
  }

  const Scheme scheme_ = triangle();
  const fkp::test::TemporaryFolder folder_;
};

TEST_F(Publish, WritesALineForEveryFrameWithItsFaces) {
  Pipeline p(pipeline(3, "stream-id=door location=" + path()));
  guint frame = 0;
  p.mark([&](GstBuffer* b) {
    GstFkpMeta* meta = gst_fkp_buffer_add_meta(b, scheme_.get(), 64, 48);
    for (guint i = 0; i < frame; i++) add_triangle(meta, i + 1, 10 + i, 5.5f, 20, i == 1);
    frame++;
  });
  EXPECT_TRUE(p.run().ok());

  const auto all = lines();
  ASSERT_EQ(all.size(), 3u);
  for (int i = 0; i < 3; i++) {
    EXPECT_EQ(all[i]["stream"], "door");
    EXPECT_EQ(all[i]["frame"], i);
    EXPECT_EQ(all[i]["pts"], i * 100000000);
    EXPECT_EQ(all[i]["width"], 64);
    EXPECT_EQ(all[i]["height"], 48);
    EXPECT_EQ(all[i]["scheme"], "triangle-3");
    EXPECT_EQ(all[i]["faces"].size(), static_cast<std::size_t>(i));
  }
  const json& face = all[2]["faces"][1];
  EXPECT_EQ(face["id"], 2);
  EXPECT_EQ(face["box"], json({11, 5.5, 20, 20}));
  EXPECT_EQ(face["score"], 0.9);
  EXPECT_EQ(face["held"], true);
  EXPECT_EQ(face["points"], json({{11, 5.5, 0.5}, {31, 5.5, 0.75}, {21, 25.5, 1}}));
}

TEST_F(Publish, WritesFramesThatNobodySearched) {
  EXPECT_TRUE(Pipeline(pipeline(2, "location=" + path())).run().ok());
  const auto all = lines();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_FALSE(all[1].contains("stream"));
  EXPECT_EQ(all[1]["frame"], 1);
  EXPECT_EQ(all[1]["width"], 64);
  EXPECT_EQ(all[1]["scheme"], "");
  EXPECT_EQ(all[1]["faces"], json::array());
}

TEST_F(Publish, SaysWhenAFrameHasNoTime) {
  GstHarness* harness = gst_harness_new_parse(("fkppublish location=" + path()).c_str());
  gst_harness_set_src_caps_str(harness, "video/x-raw(memory:GLMemory),format=RGBA,width=8,height=6");
  gst_buffer_unref(gst_harness_push_and_pull(harness, gst_buffer_new()));
  gst_harness_push_event(harness, gst_event_new_eos());
  EXPECT_TRUE(lines().at(0)["pts"].is_null());
  EXPECT_EQ(lines().at(0)["height"], 6);
  gst_harness_teardown(harness);
}

TEST_F(Publish, LetsTheFrameThroughAsItIs) {
  GstHarness* harness = gst_harness_new_parse(("fkppublish location=" + path()).c_str());
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=GRAY8,width=8,height=8");
  const Buffer shared(gst_buffer_new_allocate(nullptr, 64, nullptr));
  const Buffer out(gst_harness_push_and_pull(harness, gst_buffer_ref(shared.get())));
  EXPECT_EQ(out.get(), shared.get());
  gst_harness_teardown(harness);
}

TEST_F(Publish, HasTheFileCompleteAtTheEndOfTheStream) {
  GstHarness* harness = gst_harness_new_parse(("fkppublish location=" + path()).c_str());
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=GRAY8,width=8,height=8");
  for (int i = 0; i < 5; i++) gst_buffer_unref(gst_harness_push_and_pull(harness, gst_buffer_new_allocate(nullptr, 64, nullptr)));
  gst_harness_push_event(harness, gst_event_new_eos());
  EXPECT_EQ(lines().size(), 5u);
  gst_harness_teardown(harness);
}

TEST_F(Publish, HasTheFileCompleteWhenItIsStoppedEarly) {
  GstHarness* harness = gst_harness_new_parse(("fkppublish location=" + path()).c_str());
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=GRAY8,width=8,height=8");
  gst_buffer_unref(gst_harness_push_and_pull(harness, gst_buffer_new_allocate(nullptr, 64, nullptr)));
  gst_harness_teardown(harness);
  EXPECT_EQ(lines().size(), 1u);
}

TEST_F(Publish, StartsAnewEachTime) {
  Pipeline p(pipeline(2, "location=" + path()));
  EXPECT_TRUE(p.run().ok());
  EXPECT_TRUE(p.run().ok());
  ASSERT_EQ(lines().size(), 2u);
  EXPECT_EQ(lines()[0]["frame"], 0);
}

TEST_F(Publish, WritesToStandardOutput) {
  testing::internal::CaptureStdout();
  EXPECT_TRUE(Pipeline(pipeline(2, "method=stdout")).run().ok());
  std::istringstream written(testing::internal::GetCapturedStdout());
  int count = 0;
  for (std::string line; std::getline(written, line); count++) EXPECT_EQ(json::parse(line)["frame"], count);
  EXPECT_EQ(count, 2);
}

TEST_F(Publish, NeedsALocation) {
  const Outcome outcome = Pipeline(pipeline(1, "")).run();
  EXPECT_EQ(outcome.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(outcome.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_THAT(outcome.message, HasSubstr("location"));
}

TEST_F(Publish, NamesAPathThatCannotBeOpened) {
  for (const std::string& place : {folder_.path().string(), (folder_ / "nowhere/faces.jsonl").string()}) {
    const Outcome outcome = Pipeline(pipeline(1, "location=" + place)).run();
    EXPECT_EQ(outcome.domain, GST_RESOURCE_ERROR);
    EXPECT_EQ(outcome.code, GST_RESOURCE_ERROR_OPEN_WRITE);
    EXPECT_THAT(outcome.message, HasSubstr(place));
  }
}

TEST_F(Publish, SaysThatTheDiskIsFull) {
  for (const int frames : {1, 2000}) {  // found at the end of the stream, and in the midst of it
    const Outcome outcome = Pipeline(pipeline(frames, "location=/dev/full")).run();
    EXPECT_EQ(outcome.domain, GST_RESOURCE_ERROR);
    EXPECT_EQ(outcome.code, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
    EXPECT_THAT(outcome.message, HasSubstr("/dev/full"));
  }
}

}  // namespace
}  // namespace fkp::test
