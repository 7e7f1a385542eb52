// SPDX-License-Identifier: LGPL-2.1-or-later
// A scheme that is not compiled in, from pictures to weights, points, a drawing and JSON, without a line of code.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "drawn_hands.h"
#include "support/child.h"

namespace fkp {
namespace {

using test::DrawnHands;
using test::Process;

class OwnScheme : public testing::Test {
 protected:
  OwnScheme() { unsetenv("FKP_DATA"); }
  void run(const std::vector<std::string>& arguments) {
    Process process(arguments, hands_.path(), "program");
    const int status = process.wait();
    ASSERT_EQ(status, 0) << process.err();
  }
  std::string path(const std::string& name) const { return (hands_ / name).string(); }

  const DrawnHands hands_;
};

TEST_F(OwnScheme, GoesFromPicturesToPointsDrawingAndJson) {
  run({FKP_TRAIN, "train", path("hands.toml"), "--epochs", "60", "-o", path("run")});
  const auto truth = DrawnHands::another();
  const cv::Mat hand = DrawnHands::drawn(truth);
  cv::imwrite(path("new.png"), hand);
  run({"gst-launch-1.0",
       "-q",
       "multifilesrc",
       "location=" + path("new.png"),
       "num-buffers=3",
       "caps=image/png,framerate=(fraction)10/1",
       "!",
       "pngdec",
       "!",
       "videoconvert",
       "!",
       "video/x-raw,format=I420",
       "!",
       "fkpdetect",
       "model=" + path("run/model.pt"),
       "detector=none",
       "!",
       "fkppublish",
       "method=file",
       "location=" + path("out.jsonl"),
       "!",
       "fkpoverlay",
       "!",
       "videoconvert",
       "!",
       "pngenc",
       "!",
       "multifilesink",
       "location=" + path("out%d.png")});

  std::istringstream lines(test::read(path("out.jsonl")));
  nlohmann::json last;
  for (std::string line; std::getline(lines, line);) last = nlohmann::json::parse(line);
  EXPECT_EQ(last["scheme"], "hand-21");
  ASSERT_EQ(last["faces"].size(), 1u);
  const auto& points = last["faces"][0]["points"];
  ASSERT_EQ(points.size(), truth.size());
  double sum = 0;
  for (std::size_t k = 0; k < truth.size(); k++)
    sum += std::hypot(points[k][0].get<double>() - truth[k].x, points[k][1].get<double>() - truth[k].y);
  EXPECT_LT(sum / DrawnHands::kPoints, 5) << "pixels; the middle of the hand is 25 away on average";

  cv::Mat drawn = cv::imread(path("out2.png"), cv::IMREAD_COLOR), grey, difference;
  ASSERT_FALSE(drawn.empty());
  cv::cvtColor(hand, grey, cv::COLOR_GRAY2BGR);
  cv::absdiff(drawn, grey, difference);
  cv::inRange(difference, cv::Scalar::all(0), cv::Scalar::all(40), difference);
  EXPECT_GT(difference.total() - static_cast<std::size_t>(cv::countNonZero(difference)), 100u) << "points and fingers are drawn";
}

}  // namespace
}  // namespace fkp
