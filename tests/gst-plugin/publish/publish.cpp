// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gst/check/gstharness.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "media.h"
#include "support/files.h"

namespace fkp::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using Caps = std::unique_ptr<GstCaps, Free<gst_caps_unref>>;

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

TEST_F(Publish, HasEachLineInTheFileAtOnce) {
  GstHarness* harness = gst_harness_new_parse(("fkppublish location=" + path()).c_str());
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=GRAY8,width=8,height=8");
  for (std::size_t i = 1; i <= 3; i++) {
    gst_buffer_unref(gst_harness_push_and_pull(harness, gst_buffer_new_allocate(nullptr, 64, nullptr)));
    EXPECT_EQ(lines().size(), i);
  }
  gst_harness_teardown(harness);
}

TEST_F(Publish, StartsAnewEachTime) {
  Pipeline p(pipeline(2, "location=" + path()));
  EXPECT_TRUE(p.run().ok());
  EXPECT_TRUE(p.run().ok());
  ASSERT_EQ(lines().size(), 2u);
  EXPECT_EQ(lines()[0]["frame"], 0);
}

TEST_F(Publish, AppendsWhereItIsAskedTo) {
  Pipeline p(pipeline(2, "append=true location=" + path()));
  EXPECT_TRUE(p.run().ok());
  EXPECT_TRUE(p.run().ok());
  ASSERT_EQ(lines().size(), 4u);
  EXPECT_EQ(lines()[2]["frame"], 0);
}

TEST_F(Publish, AppendsNothingToALineThatBreaksOff) {
  write(path(), "{\"frame\":0,");
  EXPECT_TRUE(Pipeline(pipeline(1, "append=true location=" + path())).run().ok());
  EXPECT_THAT(read(path()), testing::StartsWith("{\"frame\":0,\n{"));
}

TEST_F(Publish, LeavesTheFileThatAnotherOneIsWritingAlone) {
  for (const std::string first : {"append=false", "append=true"}) {
    GstHarness* writer = gst_harness_new_parse(("fkppublish " + first + " location=" + path()).c_str());
    gst_harness_set_src_caps_str(writer, "video/x-raw,format=GRAY8,width=8,height=8");
    gst_buffer_unref(gst_harness_push_and_pull(writer, gst_buffer_new_allocate(nullptr, 64, nullptr)));
    const std::string before = read(path());
    for (const std::string second : {"append=false", "append=true"}) {
      const Outcome outcome = Pipeline(pipeline(1, second + " location=" + path())).run();
      EXPECT_EQ(outcome.domain, GST_RESOURCE_ERROR);
      EXPECT_EQ(outcome.code, GST_RESOURCE_ERROR_OPEN_WRITE);
      EXPECT_EQ(outcome.message, path() + " is being written by another process or element");
    }
    EXPECT_FALSE(before.empty());
    EXPECT_EQ(read(path()), before);
    gst_harness_teardown(writer);
  }
  EXPECT_TRUE(Pipeline(pipeline(1, "location=" + path())).run().ok());
}

TEST_F(Publish, WritesToStandardOutput) {
  testing::internal::CaptureStdout();
  EXPECT_TRUE(Pipeline(pipeline(2, "method=stdout")).run().ok());
  std::istringstream written(testing::internal::GetCapturedStdout());
  int count = 0;
  for (std::string line; std::getline(written, line); count++) EXPECT_EQ(json::parse(line)["frame"], count);
  EXPECT_EQ(count, 2);
}

TEST_F(Publish, WritesEachLineToStandardOutputAtOnce) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::fflush(stdout);
  const int before = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO);
  GstHarness* harness = gst_harness_new_parse("fkppublish method=stdout");
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=GRAY8,width=8,height=8");
  gst_buffer_unref(gst_harness_push_and_pull(harness, gst_buffer_new_allocate(nullptr, 64, nullptr)));
  pollfd reader{ends[0], POLLIN, 0};
  const bool written = poll(&reader, 1, 0) == 1;
  gst_harness_teardown(harness);
  std::fflush(stdout);
  dup2(before, STDOUT_FILENO);
  for (const int fd : {before, ends[0], ends[1]}) close(fd);
  EXPECT_TRUE(written);
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

TEST_F(Publish, WritesWhatIsAskedFor) {
  Pipeline p(pipeline(2, "include=box+points decimals=0 location=" + path()));
  p.mark([&](GstBuffer* b) { add_triangle(gst_fkp_buffer_add_meta(b, scheme_.get(), 64, 48), 1, 10.4f, 5.6f, 20); });
  EXPECT_TRUE(p.run().ok());
  const json frame = lines().at(1);
  EXPECT_FALSE(frame.contains("time"));
  EXPECT_EQ(frame["faces"][0], json::parse(R"({"id": 1, "box": [10, 6, 20, 20], "points": [[10, 6], [30, 6], [20, 26]]})"));
}

TEST_F(Publish, WritesChangesOnly) {
  Pipeline p(pipeline(10, "only-when-changed=true location=" + path()));
  int frame = 0;
  p.mark([&](GstBuffer* b) {
    GstFkpMeta* meta = gst_fkp_buffer_add_meta(b, scheme_.get(), 64, 48);
    if (frame >= 3 && frame < 6) add_triangle(meta, 1, 10, 5, 20);
    frame++;
  });
  EXPECT_TRUE(p.run().ok());
  std::vector<int> frames;
  for (const json& line : lines()) frames.push_back(line["frame"]);
  EXPECT_EQ(frames, std::vector<int>({0, 3, 6}));
}

TEST_F(Publish, LimitsTheRate) {
  EXPECT_TRUE(Pipeline(pipeline(20, "max-rate=5 location=" + path())).run().ok());
  const auto all = lines();
  ASSERT_EQ(all.size(), 10u);
  EXPECT_EQ(all[9]["frame"], 18);
}

TEST_F(Publish, LimitsTheRateAfreshWhereTheTimeStartsAnew) {
  GstHarness* harness = gst_harness_new_parse(("fkppublish max-rate=1 location=" + path()).c_str());
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=GRAY8,width=8,height=8");
  const auto push = [&](GstClockTime time) {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 64, nullptr);
    GST_BUFFER_PTS(buffer) = time;
    gst_buffer_unref(gst_harness_push_and_pull(harness, buffer));
  };
  push(100 * GST_MSECOND);
  push(200 * GST_MSECOND);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(harness, gst_event_new_segment(&segment));
  push(200 * GST_MSECOND);
  gst_harness_teardown(harness);
  const auto all = lines();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1]["frame"], 2);
}

TEST_F(Publish, KnowsNothingOfAnEarlierRun) {
  Pipeline p(pipeline(1, "only-when-changed=true location=" + path()));
  for (int run = 0; run < 2; run++) {
    EXPECT_TRUE(p.run().ok());
    gst_element_set_state(p.get(), GST_STATE_NULL);
    EXPECT_EQ(lines().size(), 1u) << run;
  }
  const Element publish(gst_bin_get_by_name(GST_BIN(p.get()), "publish"));
  GstStructure* stats = nullptr;
  g_object_get(publish.get(), "stats", &stats, nullptr);
  gboolean connected = TRUE;
  EXPECT_TRUE(gst_structure_get_boolean(stats, "connected", &connected));
  EXPECT_FALSE(connected) << "once it is stopped";
  gst_structure_free(stats);
}

TEST_F(Publish, CountsInStats) {
  Pipeline p(pipeline(20, "max-rate=5 location=" + path()));
  EXPECT_TRUE(p.run().ok());
  const Element publish(gst_bin_get_by_name(GST_BIN(p.get()), "publish"));
  GstStructure* stats = nullptr;
  g_object_get(publish.get(), "stats", &stats, nullptr);
  guint64 frames = 0, lines = 0, delivered = 0;
  EXPECT_TRUE(gst_structure_get(stats, "frames", G_TYPE_UINT64, &frames, "lines", G_TYPE_UINT64, &lines, "delivered", G_TYPE_UINT64,
                                &delivered, nullptr));
  EXPECT_EQ(frames, 20u);
  EXPECT_EQ(lines, 10u);
  EXPECT_EQ(delivered, 10u);
  gst_structure_free(stats);
}

TEST_F(Publish, ValidatesAgainstItsSchema) {
  std::string command = "python3 " FKP_SOURCE "/tests/support/validate.py " FKP_SOURCE "/docs/frame.schema.json";
  int lines = 0;
  for (const char* properties : {"stream-id=door", "include=0", "include=box+score", "decimals=6", "only-when-changed=true"}) {
    const std::string file = path() + std::to_string(lines++);
    Pipeline p(pipeline(3, std::string(properties) + " location=" + file));
    p.mark([&, frame = 0](GstBuffer* b) mutable {
      if (frame == 0) return (void)frame++;  // not analysed
      GstFkpMeta* meta = gst_fkp_buffer_add_meta(b, scheme_.get(), 64, 48);
      if (frame == 1) add_triangle(meta, 1, -5.123456f, 5.6f, 20, true);
      const Caps ntp(gst_caps_new_empty_simple("timestamp/x-ntp"));
      gst_buffer_add_reference_timestamp_meta(b, ntp.get(), 3978849600 * GST_SECOND, GST_CLOCK_TIME_NONE);
      frame++;
    });
    EXPECT_TRUE(p.run().ok());
    command += " " + file;
  }
  const std::string report = path() + ".txt";
  const int status = std::system((command + " >" + report + " 2>&1").c_str());
  const std::string said = test::read(report);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << said;
  EXPECT_EQ(status, 0) << said;
  EXPECT_THAT(said, HasSubstr("15 lines valid"));  // the last file's frames are all different
}

TEST_F(Publish, KnowsTheStreamTimeOfAFilmOnly) {
  EXPECT_TRUE(Pipeline(pipeline(2, "location=" + path())).run().ok());
  EXPECT_EQ(lines().at(1)["stream_time"], 100000000);
  EXPECT_TRUE(lines().at(1)["time"].is_null());
  EXPECT_TRUE(lines().at(1)["time_source"].is_null());
}

/// Publishes one frame of a live stream with that running time when the pipeline's clock says `now`; returns its line.
json live_frame(const std::string& file, GstClockTime pts, GstClockTime now, const std::function<void(GstBuffer*)>& mark = {}) {
  GstHarness* harness = gst_harness_new_parse(("fkppublish location=" + file).c_str());  // its source says that it is live
  gst_harness_use_testclock(harness);
  gst_harness_set_time(harness, now);
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=GRAY8,width=8,height=8");
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 64, nullptr);
  GST_BUFFER_PTS(buffer) = pts;
  if (mark) mark(buffer);
  gst_buffer_unref(gst_harness_push_and_pull(harness, buffer));
  gst_harness_teardown(harness);
  std::string line;
  std::ifstream in(file);
  std::getline(in, line);
  return json::parse(line);
}

gint64 microseconds(const std::string& time) {
  GDateTime* date = g_date_time_new_from_iso8601(time.c_str(), nullptr);
  EXPECT_NE(date, nullptr) << time;
  if (!date) return 0;
  const gint64 result = g_date_time_to_unix(date) * G_USEC_PER_SEC + g_date_time_get_microsecond(date);
  g_date_time_unref(date);
  return result;
}

TEST_F(Publish, TellsWhenALiveFrameWasTaken) {
  const gint64 before = g_get_real_time();
  const json frame = live_frame(path(), 8 * GST_SECOND, 10 * GST_SECOND);
  EXPECT_EQ(frame["time_source"], "clock");
  EXPECT_GE(microseconds(frame["time"]), before - 2 * G_USEC_PER_SEC);
  EXPECT_LE(microseconds(frame["time"]), g_get_real_time() - 2 * G_USEC_PER_SEC);
  EXPECT_TRUE(live_frame(path(), GST_CLOCK_TIME_NONE, 10 * GST_SECOND)["time"].is_null());
}

TEST_F(Publish, PrefersTheSendersClock) {
  const auto stamped = [&](const char* caps, guint64 time) {
    return live_frame(path(), 0, 0, [&](GstBuffer* buffer) {
      const Caps other(gst_caps_new_empty_simple("timestamp/x-other")), reference(gst_caps_from_string(caps));
      gst_buffer_add_reference_timestamp_meta(buffer, other.get(), 42, GST_CLOCK_TIME_NONE);
      gst_buffer_add_reference_timestamp_meta(buffer, reference.get(), time, GST_CLOCK_TIME_NONE);
    });
  };
  const guint64 noon = 1769860800 * GST_SECOND;
  for (const json& frame : {stamped("timestamp/x-unix", noon), stamped("timestamp/x-ntp", noon + 2208988800 * GST_SECOND),
                            stamped("timestamp/x-ntp, host=(string)camera", noon + 2208988800 * GST_SECOND)}) {
    EXPECT_EQ(frame["time"], "2026-01-31T12:00:00.000000Z");
    EXPECT_EQ(frame["time_source"], "reference");
  }
  EXPECT_EQ(stamped("timestamp/x-another", noon)["time_source"], "clock");
}

TEST_F(Publish, ShowsNoSecret) {
  const Element publish(gst_element_factory_make("fkppublish", nullptr));
  for (const char* name : {"password", "uri", "kafka-options"}) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(publish.get()), name);
    ASSERT_NE(spec, nullptr) << name;
    EXPECT_FALSE(spec->flags & G_PARAM_READABLE) << name;
  }
}

TEST_F(Publish, TakesAUri) {
  EXPECT_TRUE(Pipeline(pipeline(2, "uri=file://" + path())).run().ok());
  EXPECT_EQ(lines().size(), 2u);
  EXPECT_TRUE(Pipeline(pipeline(1, "uri=nonsense uri=file://" + path())).run().ok()) << "the last one counts";
}

TEST_F(Publish, GoesDownThoughALineCannotBeWritten) {
  const Element pipeline(
      gst_parse_launch("videotestsrc is-live=true ! video/x-raw,width=64,height=48 ! "
                       "fkppublish name=publish location=/dev/full ! fakesink name=sink",
                       nullptr));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline.get());
  GstMessage* error = gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_ERROR);
  gst_object_unref(bus);
  EXPECT_NE(error, nullptr) << "it is told";
  if (error) gst_message_unref(error);
  EXPECT_EQ(gst_element_set_state(pipeline.get(), GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  EXPECT_EQ(gst_element_set_state(pipeline.get(), GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
}

TEST_F(Publish, SaysThatTheDiskIsFull) {
  const Outcome outcome = Pipeline(pipeline(1, "location=/dev/full")).run();
  EXPECT_EQ(outcome.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(outcome.code, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  EXPECT_THAT(outcome.message, HasSubstr("/dev/full"));
}

}  // namespace
}  // namespace fkp::test
