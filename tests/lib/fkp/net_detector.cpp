// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/net_detector.h"

#include <gmock/gmock.h>

#include <cmath>
#include <opencv2/core.hpp>

#include "fkp/core/error.h"
#include "support/files.h"
#include "support/models.h"

namespace fkp {
namespace {

using testing::HasSubstr;

/// One stride of 32, one point; the face box lies a quarter of the detected box's width to the right and is half as wide.
const char* kDescription = R"({"name": "d", "finds": "faces", "scheme": "nose-1", "input": {"longest": 128, "range": [0, 1]},
  "output": {"strides": [32]}, "face_box": {"x": 0.25, "y": 0, "side": 0.5}})";

/// Finds a face of 64×64 pixels in the second row and third column of cells, if the picture is bright there.
const char* kThirdCell =
    " m = torch.full([x.size(0), 7, x.size(2) // 32, x.size(3) // 32], 0.0)\n"
    " m[:, 0] = -9.0\n"
    " m[:, 3:5] = 0.6931472\n"
    " m[:, 0, 1, 2] = x[:, 0, 40, 70] * 4 - 2\n"
    " return (m,)";

class NetDetectorTest : public testing::Test {
 protected:
  std::string model(const std::string& body, const std::string& json = kDescription) {
    test::write_model(folder_ / "net.pt", body, json);
    return (folder_ / "net.pt").string();
  }
  NetDetectorOptions options(const std::string& body) { return {model(body), "cpu", 1, 0}; }
  static Luma grey(int shade) { return {cv::Mat(96, 128, CV_8UC1, cv::Scalar(shade))}; }

  std::string error_of(const NetDetectorOptions& options, ErrorKind kind) {
    try {
      const NetDetector detector(options);
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), kind);
      return e.what();
    }
    return "it loaded";
  }

  const test::TemporaryFolder folder_;
};

TEST_F(NetDetectorTest, FindsBoxesAndPointsOfThePicture) {
  NetDetector detector(options(kThirdCell));
  const auto faces = detector.find(grey(255), 0.5f);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_NEAR(faces[0].score, 0.8808, 1e-3);
  EXPECT_NEAR(faces[0].box.x, 79.5 - 32, 1e-3);
  EXPECT_NEAR(faces[0].box.y, 47.5 - 32, 1e-3);
  EXPECT_NEAR(faces[0].box.width, 64, 1e-3);
  EXPECT_NEAR(faces[0].points[0].x, 79.5, 1e-3);
  EXPECT_TRUE(detector.find(grey(0), 0.5f).empty());
}

TEST_F(NetDetectorTest, FindsTheSameWithSeveralThreads) {
  NetDetectorOptions two = options(kThirdCell);
  two.threads = 2;
  NetDetector detector(two);
  EXPECT_EQ(detector.find(grey(255), 0.5f).size(), 1u);
  EXPECT_TRUE(detector.find(grey(0), 0.5f).empty());
}

TEST_F(NetDetectorTest, MapsThemToFaceBoxes) {
  NetDetector detector(options(kThirdCell));
  const auto found = detector.detect(grey(255));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].box.width, 32, 1e-3);
  EXPECT_NEAR(found[0].box.x + found[0].box.width / 2, 79.5 + 16, 1e-3);
  EXPECT_NEAR(found[0].box.y + found[0].box.height / 2, 47.5, 1e-3);
}

TEST_F(NetDetectorTest, FindsFacesThatStandOnTheirHeads) {
  NetDetector detector(options(kThirdCell));
  const auto upright = detector.detect({cv::Mat(96, 256, CV_8UC1, cv::Scalar(255)), false, 0.5f});
  const auto found = detector.detect_upside_down({cv::Mat(96, 256, CV_8UC1, cv::Scalar(255)), false, 0.5f});
  ASSERT_EQ(upright.size(), 1u);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FLOAT_EQ(found[0].box.width, upright[0].box.width);
  EXPECT_NEAR(found[0].box.x, 128 - 1 - upright[0].box.br().x, 1e-3) << "the picture is 128 square pixels wide";
  EXPECT_NEAR(found[0].box.y, 96 - 1 - upright[0].box.br().y, 1e-3);
  EXPECT_NEAR(found[0].angle, CV_PI, 1e-6);
  cv::Mat half(96, 128, CV_8UC1, cv::Scalar(0));
  half(cv::Rect(60, 0, 30, 50)).setTo(255);  // bright where the network looks, but not where it does in the turned picture
  EXPECT_GT(detector.detect({half}).at(0).score, 0.8f);
  EXPECT_LT(detector.detect_upside_down({half}).at(0).score, 0.2f);
}

TEST_F(NetDetectorTest, TellsTheAngleOfAFaceFromItsEyes) {
  std::string five = kDescription;
  five.replace(five.find("nose-1"), 6, "mtfl-5");
  const auto angle_of = [&](const std::string& left_eye) {  // the right one lies in the middle of the cell
    const std::string body =
        " m = torch.zeros([x.size(0), 15, x.size(2) // 32, x.size(3) // 32])\n"
        " m[:, 0] = -9.0\n"
        " m[:, 0, 1, 2] = 2.0\n"
        " m[:, 7:9, 1, 2] = torch.tensor(" +
        left_eye + ")\n return (m,)";
    const auto found = NetDetector({model(body, five), "cpu", 1, 0}).detect(grey(255));
    return found.size() == 1 ? found[0].angle : NAN;
  };
  EXPECT_NEAR(angle_of("[0.5, 0.0]"), 0, 1e-4);
  EXPECT_NEAR(angle_of("[0.0, 0.5]"), CV_PI / 2, 1e-4) << "clockwise";
  EXPECT_NEAR(angle_of("[0.5, -0.5]"), -CV_PI / 4, 1e-4);
}

TEST_F(NetDetectorTest, LeavesWeakFindsToTheThresholdOfItsCaller) {
  NetDetector detector(options(kThirdCell));
  const auto found = detector.detect(grey(26));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].score, 0.169, 0.01);
}

TEST_F(NetDetectorTest, TakesPicturesOfAnySize) {
  NetDetector detector(options(kThirdCell));
  for (const cv::Size& size : {cv::Size(640, 480), cv::Size(120, 90), cv::Size(1920, 1080), cv::Size(90, 160), cv::Size(128, 96)})
    EXPECT_EQ(detector.find({cv::Mat(size, CV_8UC1, cv::Scalar(255))}, 0.5f).size(), 1u) << size.width << "×" << size.height;
}

TEST_F(NetDetectorTest, SeesMoreOfALargePictureWithAGreaterDetectSize) {
  const char* size = " return (torch.full([x.size(0), 7, x.size(2) // 32, x.size(3) // 32], 0.0),)";
  NetDetectorOptions o = options(size);
  const Luma large{cv::Mat(480, 640, CV_8UC1, cv::Scalar(0))};
  const auto few = NetDetector(o).find(large, 0.4f).size();
  o.detect_size = 640;
  const auto many = NetDetector(o).find(large, 0.4f).size();
  EXPECT_EQ(few, 4u * 3u);
  EXPECT_EQ(many, 20u * 15u);
}

TEST_F(NetDetectorTest, RefusesWhatIsNoDetector) {
  const std::string keypoints = model(" return torch.zeros([x.size(0), 5, 2])", test::kFivePoints);
  EXPECT_FALSE(finds_faces(keypoints));
  EXPECT_THAT(error_of({keypoints, "cpu", 1, 0}, ErrorKind::unreadable), HasSubstr("finds keypoints, not faces"));
  EXPECT_TRUE(finds_faces(model(kThirdCell)));
  EXPECT_THAT(error_of({"nowhere.pt", "cpu", 1, 0}, ErrorKind::not_found), HasSubstr("nowhere.pt"));
}

TEST_F(NetDetectorTest, RefusesAPrecisionOfAnotherName) {
  NetDetectorOptions o = options(kThirdCell);
  o.precision = "fp8";
  EXPECT_THAT(error_of(o, ErrorKind::settings), HasSubstr("use fp32, bf16 or auto"));
}

TEST_F(NetDetectorTest, RefusesMapsThatDoNotFitTheDescription) {
  EXPECT_THAT(error_of(options(" return (x, x)"), ErrorKind::mismatch), HasSubstr("2 maps, its description 1 strides"));
  EXPECT_THAT(error_of(options(" return (x,)"), ErrorKind::mismatch), HasSubstr("map of stride 32 is [2, 1, 96, 128], not [2, 7, 3, 4]"));
  EXPECT_THAT(error_of(options(" return (x.reshape(1, 2, 3),)"), ErrorKind::mismatch), HasSubstr("[2, 1, 96, 128]"));
}

TEST(ShippedDetector, FindsNothingInNoise) {
  NetDetector detector({"fkpface", "cpu", 1, 0});
  cv::Mat noise(240, 320, CV_8UC1);
  cv::RNG(1).fill(noise, cv::RNG::UNIFORM, 0, 256);
  EXPECT_TRUE(detector.find({noise}, 0.5f).empty());
  EXPECT_EQ(detector.description().scheme.name, "mtfl-5");
}

}  // namespace
}  // namespace fkp
