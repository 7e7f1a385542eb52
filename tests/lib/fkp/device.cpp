// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/device.h"

#include <gmock/gmock.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "fkp/core/error.h"
#include "fkp/keypoint_net.h"
#include "fkp/net_detector.h"
#include "support/stand_in_device.h"

namespace fkp {
namespace {

using test::kStandIn;
using testing::HasSubstr;

std::string refusal_of(const std::string& name) {
  try {
    device_named(name);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::no_device);
    return e.what();
  }
  return "none";
}

TEST(Device, HasAName) {
  EXPECT_EQ(device_named("cpu").str(), "cpu");
  EXPECT_EQ(device_named(kStandIn).str(), "xpu:0");
  EXPECT_EQ(device_named("xpu:1").str(), "xpu:1");
  EXPECT_THAT(refusal_of("gpu"), HasSubstr("'gpu' is no device"));
  EXPECT_THAT(refusal_of("meta"), HasSubstr("'meta' is no device that fkp runs on"));
  EXPECT_THAT(refusal_of("xpu:2"), HasSubstr("there are only 2 xpu devices"));
  if (device_named("auto").is_cpu()) {
    EXPECT_THAT(refusal_of("cuda"), HasSubstr("libtorch finds no CUDA device"));
  }
}

TEST(Device, IsTakenInTurn) {
  for (int turn = 0; turn < 5; turn++) {
    EXPECT_EQ(device_named(kStandIn, turn).index(), turn % test::kStandIns);
    EXPECT_EQ(device_named("xpu:1", turn).index(), 1) << "it was named";
    EXPECT_TRUE(device_named("cpu", turn).is_cpu());
  }
}

TEST(Device, GivesThePointsOfTheProcessor) {
  NEEDS_STAND_IN();
  cv::Mat grey(200, 200, CV_8UC1);
  cv::RNG rng(3);
  rng.fill(grey, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(grey, grey, {}, 4);
  const std::vector<Region> regions{{{90, 110}, 150, 0.1f}, {{60, 60}, 40, 0}, {{140, 70}, 80, -0.3f}};
  KeypointNetOptions options;
  options.precision = "fp32";
  options.device = "cpu";
  KeypointNet processor(options);
  options.device = "xpu:1";
  KeypointNet other(options);
  EXPECT_EQ(other.device(), "xpu:1");
  const auto there = processor.look({grey}, regions), here = other.look({grey}, regions);
  for (std::size_t i = 0; i < regions.size(); i++) {
    EXPECT_NEAR(there[i].score, here[i].score, 1e-3);
    float away = 0;
    for (std::size_t k = 0; k < there[i].points.size(); k++) {
      const Point &a = there[i].points[k], &b = here[i].points[k];
      away += std::hypot(a.x - b.x, a.y - b.y);
    }
    EXPECT_LT(away, 0.1) << "pixels, all points together";
  }
}

TEST(Device, FindsTheFacesOfTheProcessor) {
  NEEDS_STAND_IN();
  cv::Mat grey(240, 320, CV_8UC1, cv::Scalar(90));
  const cv::Point c(150, 120);
  cv::ellipse(grey, c, {45, 60}, 0, 0, 360, 190, cv::FILLED);
  for (int side : {-1, 1}) cv::ellipse(grey, c + cv::Point(side * 18, -12), {9, 5}, 0, 0, 360, 40, cv::FILLED);
  cv::ellipse(grey, c + cv::Point(0, 30), {16, 5}, 0, 0, 360, 70, cv::FILLED);
  cv::GaussianBlur(grey, grey, {}, 3);
  const auto found = [&](const std::string& device) {
    NetDetectorOptions options;
    options.device = device;
    options.precision = "fp32";
    return NetDetector(options).find({grey}, 0.1f);
  };
  const auto there = found("cpu"), here = found(kStandIn);
  ASSERT_FALSE(there.empty());
  ASSERT_EQ(there.size(), here.size());
  for (std::size_t i = 0; i < there.size(); i++) {
    EXPECT_NEAR(there[i].score, here[i].score, 1e-3);
    EXPECT_NEAR(there[i].box.x, here[i].box.x, 0.05);
    EXPECT_NEAR(there[i].box.width, here[i].box.width, 0.05);
  }
}

}  // namespace
}  // namespace fkp
