// SPDX-License-Identifier: LGPL-2.1-or-later
#include "runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "still.h"

namespace fkp::test {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& pipeline, const RunOptions& options, Stop stopped) {
  std::istringstream stream(pipeline);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  const std::atomic<Stop> stop{stopped};
  Live live;
  try {
    run_pipeline(words, options, live, stop);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Runner, GivesUpAStreamThatDoesNotEndAfterAStop) {
  RunOptions options;
  options.patience = std::chrono::seconds(1);
  const std::string error =
      error_of("videotestsrc ! identity name=detect ! identity name=overlay ! valve drop=true ! fakesink", options, Stop::early);
  EXPECT_THAT(error, HasSubstr("given up"));
}

TEST(Runner, GivesUpAStreamThatMakesNoProgress) {
  RunOptions options;
  options.stall = std::chrono::seconds(1);
  const std::string stuck = "appsrc ! identity name=detect ! identity name=overlay ! fakesink";  // nobody gives it a buffer
  EXPECT_EQ(error_of(stuck, options, Stop::no), "it made no progress for 1 s");
}

TEST(Runner, WaitsForALiveStream) {
  RunOptions options;
  options.stall = std::chrono::seconds(1);
  options.patience = std::chrono::seconds(2);
  options.live = true;
  const std::string stuck = "appsrc ! valve drop=true ! identity name=detect ! identity name=overlay ! fakesink";
  EXPECT_THAT(error_of(stuck, options, Stop::early), HasSubstr("given up"));
}

TEST(Runner, GivesUpAStreamThatFindsNoWay) {
  const std::string error = error_of(
      "videotestsrc num-buffers=20 ! identity name=detect ! identity name=overlay ! fakesink "
      "videotestsrc num-buffers=20 ! decodebin name=in in. ! audioconvert ! fakesink",
      RunOptions(), Stop::no);
  EXPECT_THAT(error, HasSubstr("linking"));
}

TEST(Runner, FindsThatAFrameWasLostOnTheWay) {
  const std::string error = error_of(
      "videotestsrc num-buffers=20 ! identity name=detect ! identity name=overlay ! identity drop-probability=0.5 ! identity name=coded ! "
      "fakesink",
      RunOptions(), Stop::no);
  EXPECT_THAT(error, HasSubstr("20 frames went in"));
}

TEST(Runner, FindsThatAFrameCameOutAtAnotherTime) {
  const std::string error =
      error_of("videotestsrc num-buffers=20 ! identity name=detect ! videorate rate=2 drop-only=false ! identity name=coded ! fakesink",
               RunOptions(), Stop::no);
  EXPECT_THAT(error, HasSubstr("discarded"));
}

TEST(Runner, SaysThatAPngCannotBeWritten) {
  constexpr gsize kBytes = 64;  // 4 x 4 pixels of 4 bytes
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, kBytes, nullptr);
  gst_buffer_memset(buffer, 0, 0, kBytes);
  const GstPtr<GstCaps> caps(gst_caps_from_string("video/x-raw,format=RGBA,width=4,height=4,framerate=25/1"));
  const GstPtr<GstSample> frame(gst_sample_new(buffer, caps.get(), nullptr, nullptr));
  gst_buffer_unref(buffer);
  EXPECT_THROW(save_png(frame.get(), "/nowhere/still.png"), std::runtime_error);
}

}  // namespace
}  // namespace fkp::test
