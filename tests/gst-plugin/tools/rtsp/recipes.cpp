// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs what docs/rtsp.md and examples/ offer to copy.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "loopback.h"
#include "media.h"

namespace fkp::test {
namespace {

using testing::HasSubstr;

/// The code blocks of a Markdown text in that language.
std::vector<std::string> blocks(const std::string& text, const std::string& language) {
  std::vector<std::string> found;
  const std::string fence = "```" + language + "\n";
  for (std::size_t at = 0; (at = text.find(fence, at)) != std::string::npos;) {
    at += fence.size();
    found.push_back(text.substr(at, text.find("\n```", at) - at));
  }
  return found;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what << " in " << text;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

class RtspRecipes : public testing::Test {
 protected:
  RtspRecipes() : camera_(folder_.path(), "camera", {"--size", "320x240"}) {}

  static std::string docs() { return test::read(fs::path(FKP_SOURCE) / "docs/rtsp.md"); }

  /// Runs the gst-launch-1.0 command that contains `part`, with our camera, in our folder; video goes to fakevideosink.
  std::unique_ptr<Process> launch(const std::string& part) const {
    std::string command;
    for (const std::string& block : blocks(docs(), "sh"))
      if (block.find("gst-launch-1.0") != std::string::npos && block.find(part) != std::string::npos) command = block;
    command = replaced(replaced(command, "./run ", ""), "rtsp://CAMERA", camera_.uri());
    return std::make_unique<Process>(
        std::vector<std::string>{"env", "GST_PLUGIN_FEATURE_RANK=fakevideosink:MAX", "GST_DEBUG=fkpdetect:6", "GST_DEBUG_NO_COLOR=1", "sh",
                                 "-c", "cd '" + folder_.path().string() + "' && exec " + command},
        folder_.path(), "recipe");
  }

  /// Waits until fkpdetect has processed that many frames, according to its log.
  static void wait_for_frames(const Process& recipe, int frames) {
    const std::string last = " frame " + std::to_string(frames) + " at";
    wait_until([&] { return recipe.err().find(last) != std::string::npos; }, std::to_string(frames) + " frames; it says: " + recipe.err());
  }

  /// Interrupts a recipe and waits for its end. A busy gst-rtsp-server now and then closes the connection before rtspsrc's PAUSE, which
  /// gst-launch-1.0 reports as an error after all is written; any other error is the recipe's.
  static void stop(Process& recipe) {
    recipe.signal(SIGINT);
    const int status = recipe.wait();
    EXPECT_TRUE(status == 0 || recipe.err().find("Could not send message. (Received end-of-file)") != std::string::npos) << recipe.err();
  }

  const TemporaryFolder folder_;
  const LoopbackCamera camera_;
};

TEST_F(RtspRecipes, ShowOneCamera) {
  const auto recipe = launch("smoothing=one-euro");
  wait_for_frames(*recipe, 20);
  stop(*recipe);
}

TEST_F(RtspRecipes, WritePointsBehindALeakyQueue) {
  const auto recipe = launch("queue leaky=downstream max-size-buffers=2 max-size-bytes=0");
  wait_for_frames(*recipe, 20);
  stop(*recipe);
  std::ifstream lines(folder_ / "points.jsonl");
  int n = 0;
  for (std::string line; std::getline(lines, line); n++) EXPECT_EQ(nlohmann::json::parse(line).at("frame"), n);
  EXPECT_GT(n, 20);
}

TEST_F(RtspRecipes, RecordAndViewAtOnce) {
  const auto recipe = launch("camera.mkv");
  wait_for_frames(*recipe, 20);
  stop(*recipe);
  int frames = 0;
  const Outcome outcome = Pipeline("filesrc location=" + (folder_ / "camera.mkv").string() +
                                   " ! matroskademux ! h264parse ! avdec_h264 ! video/x-raw,width=320,height=240 ! fakesink name=sink")
                              .watch("sink", [&](GstBuffer*) { frames++; })
                              .run();
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  EXPECT_GT(frames, 15);
}

TEST_F(RtspRecipes, BeginWithAConfigurationThatWorks) {
  write(folder_ / "door.password", "not needed\n");
  write(folder_ / "cameras.toml", replaced(blocks(docs(), "toml").at(0), "rtsp://192.168.1.20/stream1", camera_.uri()));
  Process run({FKP_RTSP, (folder_ / "cameras.toml").string()}, folder_.path(), "fkp-rtsp");
  wait_until([&] { return run.out().find("\"frame\":5,") != std::string::npos; }, "frames; it says: " + run.err());
  EXPECT_THAT(run.out(), HasSubstr("\"stream\":\"door\""));
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(), 0);
}

TEST_F(RtspRecipes, HaveAnExampleWithoutMistakes) {
  setenv("DOOR_PASSWORD", "sesame", 1);
  Process run({FKP_RTSP, "--check", std::string(FKP_SOURCE) + "/examples/cameras.toml"}, folder_.path(), "fkp-rtsp");
  EXPECT_EQ(run.wait(), 0) << run.err();
}

}  // namespace
}  // namespace fkp::test
