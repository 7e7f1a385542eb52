// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/analyser.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgcodecs.hpp>

#include "fkp/net_detector.h"
#include "support/files.h"
#include "support/models.h"

namespace fkp {
namespace {

/// What a FakeDetector finds, and how often it was called.
struct Finds {
  std::vector<Detection> faces;
  int calls = 0;
  bool can = true;
};

class FakeDetector : public Detector {
 public:
  FakeDetector(Finds& upright, Finds& upside_down) : upright_(upright), upside_down_(upside_down) {}
  std::vector<Detection> detect(const Luma&) override { return found(upright_); }
  bool knows_upside_down() const override { return upside_down_.can; }
  std::vector<Detection> detect_upside_down(const Luma&) override { return found(upside_down_); }

 private:
  static std::vector<Detection> found(Finds& finds) {
    finds.calls++;
    return finds.faces;
  }

  Finds &upright_, &upside_down_;
};

/// A network that puts five points around the middle of its crop, within a square of half its side, and whose face score is the crop's
/// brightness: a dark picture has no face.
class AnalyserTest : public testing::Test {
 protected:
  AnalyserTest() {
    test::write_model(folder_ / "net.pt",
                      " points = torch.tensor([[7.5, 7.5], [23.5, 7.5], [15.5, 15.5], [9.5, 23.5], [21.5, 23.5]])\n"
                      " return points.unsqueeze(0).expand(x.size(0), -1, -1), x.mean([1, 2, 3])",
                      R"({"name": "five", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}})");
    net_ = std::make_shared<KeypointNet>(KeypointNetOptions{(folder_ / "net.pt").string(), "cpu", 1});
    analyser_ = std::make_unique<Analyser>(net_, std::make_unique<FakeDetector>(upright_, upside_down_));
  }

  std::vector<Face> frame(int brightness = 255, float pixel_aspect = 1) {
    return analyser_->analyse({cv::Mat(120, 160, CV_8UC1, cv::Scalar(brightness)), false, pixel_aspect}, {}, options_);
  }

  const test::TemporaryFolder folder_;
  Finds upright_, upside_down_;
  std::vector<Detection>& found_ = upright_.faces;
  int& calls_ = upright_.calls;
  AnalyserOptions options_;
  std::shared_ptr<KeypointNet> net_;
  std::unique_ptr<Analyser> analyser_;
};

TEST_F(AnalyserTest, SeeksInEveryFrameUntilThereIsAFace) {
  EXPECT_TRUE(frame().empty());
  EXPECT_TRUE(frame().empty());
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  EXPECT_EQ(frame().size(), 1u);
  EXPECT_EQ(calls_, 3);
}

TEST_F(AnalyserTest, SeeksLessOftenInAnEmptySceneWhenToldSo) {
  options_.empty_interval = 4;
  for (int i = 0; i < 8; i++) EXPECT_TRUE(frame().empty());
  EXPECT_EQ(calls_, 2) << "the first and the fifth";
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  EXPECT_EQ(frame().size(), 1u);
  EXPECT_EQ(frame(0).size(), 0u) << "lost";
  EXPECT_EQ(calls_, 4) << "a face that was just lost is sought at once";
  for (int i = 0; i < 2; i++) EXPECT_TRUE(frame(0).empty());
  EXPECT_EQ(calls_, 6) << "and in the next frames";
  for (int i = 0; i < 2; i++) EXPECT_TRUE(frame(0).empty());
  EXPECT_EQ(calls_, 6);
  analyser_->reset();
  EXPECT_EQ(frame().size(), 1u) << "another scene is searched at once";
}

TEST_F(AnalyserTest, LooksAtARotatedFaceInItsOwnAxes) {
  found_ = {{{50, 40, 30, 30}, 0.9f, static_cast<float>(CV_PI / 2)}};
  const Points points = frame().at(0).points;
  EXPECT_NEAR(points[0].x, points[1].x, 1e-3) << "a quarter turn clockwise";
  EXPECT_GT(points[1].y, points[0].y);
  EXPECT_LT(points[3].x, points[2].x) << "the mouth lies left of the nose";
}

TEST_F(AnalyserTest, TurnsAFaceThatItIsNotSureOf) {
  // This network knows faces by their bright upper half.
  test::write_model(folder_ / "bright.pt",
                    " points = torch.tensor([[7.5, 7.5], [23.5, 7.5], [15.5, 15.5], [9.5, 23.5], [21.5, 23.5]])\n"
                    " upright = x[:, 0, :16].mean([1, 2]) - x[:, 0, 16:].mean([1, 2])\n"
                    " return points.unsqueeze(0).expand(x.size(0), -1, -1), upright.clamp(0, 1)",
                    R"({"name": "bright", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}})");
  KeypointNet net({(folder_ / "bright.pt").string(), "cpu", 1});
  cv::Mat picture(120, 160, CV_8UC1, cv::Scalar(0));
  picture.colRange(0, 65).setTo(255);
  for (const double wrong : {0.0, CV_PI / 2, CV_PI}) {
    const auto looks = look_closely(net, {picture}, {{{49.5f, 39.5f, 30, 30}, 0.9f, static_cast<float>(wrong)}});
    ASSERT_EQ(looks.size(), 1u);
    EXPECT_GT(looks[0].score, 0.9f);
    EXPECT_NEAR(looks[0].points[0].x, looks[0].points[1].x, 1e-3) << "a quarter turn counter-clockwise";
    EXPECT_LT(looks[0].points[1].y, looks[0].points[0].y);
  }
}

TEST_F(AnalyserTest, FollowsAFaceWithoutTheDetector) {
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  options_.detect_interval = 0;
  const auto id = frame().at(0).id;
  found_.clear();
  for (int i = 0; i < 50; i++) EXPECT_EQ(frame().at(0).id, id);
  EXPECT_EQ(calls_, 1);
}

TEST_F(AnalyserTest, FollowsPointsThatSpanLessThanTheFace) {
  test::write_model(
      folder_ / "few.pt",
      " points = torch.tensor([[11.5, 7.5], [19.5, 7.5], [15.5, 11.5], [12.5, 15.5], [18.5, 15.5]])\n"
      " return points.unsqueeze(0).expand(x.size(0), -1, -1), x.mean([1, 2, 3])",
      R"({"name": "few", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}, "face_box": {"x": 0, "y": 0.25, "side": 2}})");
  analyser_ = std::make_unique<Analyser>(std::make_shared<KeypointNet>(KeypointNetOptions{(folder_ / "few.pt").string(), "cpu", 1}),
                                         std::make_unique<FakeDetector>(upright_, upside_down_));
  found_ = {{{50, 40, 32, 32}, 0.9f}};
  options_.detect_interval = 3;
  for (int i = 0; i < 20; i++) {
    const auto faces = frame();
    ASSERT_EQ(faces.size(), 1u);
    EXPECT_EQ(faces[0].id, 1u);
    EXPECT_NEAR(faces[0].box.x, 50, 0.01);
    EXPECT_NEAR(faces[0].box.y, 40, 0.01);
    EXPECT_NEAR(faces[0].box.width, 32, 0.01);
  }
}

TEST_F(AnalyserTest, FollowsASinglePointInABoxOfTheDetectorsSize) {
  test::write_model(folder_ / "one.pt", " return torch.tensor([[[15.5, 15.5]]]).expand(x.size(0), -1, -1)",
                    R"({"name": "one", "scheme": "nose-1", "input": {"size": 32, "margin": 2.0}})");
  analyser_ = std::make_unique<Analyser>(std::make_shared<KeypointNet>(KeypointNetOptions{(folder_ / "one.pt").string(), "cpu", 1}),
                                         std::make_unique<FakeDetector>(upright_, upside_down_));
  options_.detect_interval = 5;
  for (const float side : {32.f, 40.f, 32.f, 24.f}) {
    found_ = {{{66 - side / 2, 56 - side / 2, side, side}, 0.9f}};
    std::vector<Face> faces;
    for (int i = 0; i < 11; i++) faces = frame();
    ASSERT_EQ(faces.size(), 1u);
    EXPECT_EQ(faces[0].id, 1u);
    EXPECT_NEAR(faces[0].box.width, side, 0.01);
    EXPECT_NEAR(faces[0].points[0].x, 66, 0.01);
  }
}

TEST_F(AnalyserTest, SeeksNewcomersAtTheInterval) {
  found_ = {{{20, 40, 30, 30}, 0.9f}};
  options_.detect_interval = 5;
  frame();
  found_.push_back({{100, 40, 30, 30}, 0.9f});
  for (int i = 0; i < 4; i++) EXPECT_EQ(frame().size(), 1u);
  EXPECT_EQ(frame().size(), 2u);
  EXPECT_EQ(calls_, 2);
}

TEST_F(AnalyserTest, SeeksAFaceThatWasLostBesideAnother) {
  found_ = {{{20, 40, 30, 30}, 0.9f}, {{100, 40, 30, 30}, 0.8f}};
  EXPECT_EQ(frame().size(), 2u);
  cv::Mat half(120, 160, CV_8UC1, cv::Scalar(255));
  half.colRange(80, 160).setTo(0);
  EXPECT_EQ(analyser_->analyse({half}, {}, options_).size(), 1u);
  EXPECT_EQ(frame().size(), 2u) << "long before the interval";
  const int calls = calls_;
  found_.pop_back();
  for (int i = 0; i < 10; i++) EXPECT_EQ(analyser_->analyse({half}, {}, options_).size(), 1u);
  EXPECT_EQ(calls_, calls + 4) << "in the first three frames, then in every fifth";
  options_.detect_interval = 0;
  for (int i = 10; i < 60; i++) EXPECT_EQ(analyser_->analyse({half}, {}, options_).size(), 1u);
  EXPECT_EQ(calls_, calls + 3 + 5) << "until the thirtieth";
}

TEST_F(AnalyserTest, LooksAgainAtAFaceThatHasMovedFar) {
  found_ = {{{20, 40, 30, 30}, 0.9f}};
  options_.detect_interval = 0;
  // The network sees a bright face in the middle of its crop, on dark ground: its points lie around the mean of what is bright.
  test::write_model(folder_ / "bright.pt",
                    " rows = torch.arange(32.0).reshape(1, 32, 1)\n"
                    " all = x[:, 0].sum([1, 2]) + 1e-6\n"
                    " u = (x[:, 0] * rows.transpose(1, 2)).sum([1, 2]) / all\n"
                    " v = (x[:, 0] * rows).sum([1, 2]) / all\n"
                    " square = 16 / 3 * torch.tensor([[-1.0, -1.0], [1.0, -1.0], [0.0, 0.0], [-1.0, 1.0], [1.0, 1.0]])\n"
                    " return torch.stack([u, v], 1).unsqueeze(1) + square, (all > 1).float()",
                    R"({"name": "bright", "scheme": "mtfl-5", "input": {"size": 32, "margin": 3.0}})");
  analyser_ = std::make_unique<Analyser>(std::make_shared<KeypointNet>(KeypointNetOptions{(folder_ / "bright.pt").string(), "cpu", 1}),
                                         std::make_unique<FakeDetector>(upright_, upside_down_));
  const auto at = [&](int x) {
    cv::Mat picture(120, 160, CV_8UC1, cv::Scalar(0));
    picture(cv::Rect(x, 40, 30, 30)).setTo(255);
    const auto faces = analyser_->analyse({picture}, {}, options_);
    EXPECT_EQ(faces.size(), 1u);
    return faces.empty() ? NAN : faces[0].points[2].x - 14.5 - x;
  };
  EXPECT_NEAR(at(20), 0, 0.5);
  const auto looks = [&] { return (*analyser_->statistics())[Count::inferences]; };
  auto before = looks();
  EXPECT_NEAR(at(21), 0, 0.5);
  EXPECT_EQ(looks() - before, 1u) << "hardly moved";
  before = looks();
  EXPECT_NEAR(at(50), 0, 0.5) << "a part of it lay outside the first crop";
  EXPECT_EQ(looks() - before, 2u);
}

TEST_F(AnalyserTest, RefusesWhatIsNoGreyPicture) {
  EXPECT_THROW(analyser_->analyse({cv::Mat(120, 160, CV_8UC3)}, {}, options_), std::invalid_argument);
  EXPECT_THROW(analyser_->analyse({cv::Mat()}, {}, options_), std::invalid_argument);
  EXPECT_THROW(analyser_->analyse({cv::Mat(120, 160, CV_8UC1), false, 0}, {}, options_), std::invalid_argument);
}

TEST_F(AnalyserTest, DropsAFaceTheMomentItIsGone) {
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  EXPECT_EQ(frame().size(), 1u);
  EXPECT_TRUE(frame(0).empty());
}

TEST_F(AnalyserTest, HonoursThresholdsAndTheMostFaces) {
  found_ = {{{50, 40, 30, 30}, 0.4f}};
  EXPECT_TRUE(frame().empty()) << "below detection-threshold";
  found_[0].score = options_.detection_threshold;
  EXPECT_EQ(frame().size(), 1u);
  analyser_->reset();
  found_ = {{{20, 40, 30, 30}, 0.9f}, {{100, 40, 30, 30}, 0.8f}};
  options_.max_faces = 1;
  EXPECT_EQ(frame().size(), 1u);
  options_.track.face_threshold = 0.9f;
  EXPECT_TRUE(frame(200).empty()) << "below face-threshold";
}

TEST_F(AnalyserTest, KeepsNoRoomForWhatIsNoFace) {
  options_.max_faces = 1;
  found_ = {{{100, 40, 30, 30}, 0.9f}, {{20, 40, 30, 30}, 0.6f}};
  cv::Mat picture(120, 160, CV_8UC1, cv::Scalar(0));
  picture.colRange(0, 70).setTo(255);  // the second one
  const auto faces = analyser_->analyse({picture}, {}, options_);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_LT(faces[0].box.x, 70);
}

TEST_F(AnalyserTest, TurnsNoFaceWhoseScoreSaysNothing) {
  const auto looks_of = [&](const std::string& body, const std::string& json, Statistics& statistics) {
    test::write_model(folder_ / "same.pt", body, json);
    KeypointNet net({(folder_ / "same.pt").string(), "cpu", 1});
    return look_closely(net, {cv::Mat(120, 160, CV_8UC1, cv::Scalar(255))}, {{{49.5f, 39.5f, 30, 30}, 0.9f}}, &statistics);
  };
  Statistics five, one, whole;
  const auto looks = looks_of(
      " points = torch.tensor([[7.5, 7.5], [23.5, 7.5], [15.5, 15.5], [9.5, 23.5], [21.5, 23.5]])\n"
      " return points.unsqueeze(0).expand(x.size(0), -1, -1), torch.full([x.size(0)], 0.5)",
      R"({"name": "same", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}})", five);
  EXPECT_NEAR(looks.at(0).points[0].y, looks[0].points[1].y, 1e-3) << "all turns are as sure: it stays upright";
  EXPECT_LT(looks[0].points[0].x, looks[0].points[1].x);
  EXPECT_EQ(five[Count::inferences], 1u + 3 + 1) << "as it is, in three turns, and in its own axes";
  const std::string nose = " return torch.tensor([[[15.5, 15.5]]]).expand(x.size(0), -1, -1), torch.full([x.size(0)], 0.5)";
  looks_of(nose, R"({"name": "nose", "scheme": "nose-1", "input": {"size": 32, "margin": 2.0}})", one);
  EXPECT_EQ(one[Count::inferences], 2u) << "a single point does not tell a turn";
  looks_of(nose, R"({"name": "nose", "scheme": "nose-1", "input": {"size": 32, "crop": "picture"}})", whole);
  EXPECT_EQ(whole[Count::inferences], 1u) << "a second look would see the same";
}

TEST_F(AnalyserTest, TakesNoNumberForNoFace) {
  test::write_model(folder_ / "nan.pt", " return torch.full([x.size(0), 5, 2], float('nan')), torch.full([x.size(0)], 0.9)",
                    R"({"name": "nan", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}})");
  analyser_ = std::make_unique<Analyser>(std::make_shared<KeypointNet>(KeypointNetOptions{(folder_ / "nan.pt").string(), "cpu", 1}),
                                         std::make_unique<FakeDetector>(upright_, upside_down_));
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  EXPECT_TRUE(frame().empty());
}

TEST_F(AnalyserTest, SeeksNobodyWhereThereIsNoRoom) {
  found_ = {{{20, 40, 30, 30}, 0.9f}, {{100, 40, 30, 30}, 0.8f}};
  options_.max_faces = 1;
  options_.detect_interval = 1;
  for (int i = 0; i < 5; i++) EXPECT_EQ(frame().size(), 1u);
  EXPECT_EQ(calls_, 1);
}

TEST_F(AnalyserTest, FollowsFewerFacesWhenToldSo) {
  found_ = {{{20, 40, 30, 30}, 0.9f}, {{100, 40, 30, 30}, 0.8f}};
  EXPECT_EQ(frame().size(), 2u);
  options_.max_faces = 1;
  EXPECT_EQ(frame().size(), 1u);
}

TEST_F(AnalyserTest, CountsNoSearchThatTheDetectorCannotMake) {
  upside_down_.can = false;
  found_.clear();
  for (int i = 0; i < 3; i++) frame();
  EXPECT_EQ(upside_down_.calls, 0);
  EXPECT_EQ((*analyser_->statistics())[Count::detections], static_cast<std::uint64_t>(upright_.calls));
}

TEST_F(AnalyserTest, AsksTheDetectorWhereTheNetworkCannotTellAFace) {
  test::write_model(folder_ / "plain.pt", " return (torch.arange(10) * 3.0).reshape(1, 5, 2).expand(x.size(0), -1, -1)", test::kFivePoints);
  analyser_ = std::make_unique<Analyser>(std::make_shared<KeypointNet>(KeypointNetOptions{(folder_ / "plain.pt").string(), "cpu", 1}),
                                         std::make_unique<FakeDetector>(upright_, upside_down_));
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  options_.detect_interval = 3;
  for (const int most : {8, 1}) {
    options_.max_faces = most;
    EXPECT_EQ(frame().size(), 1u);
    found_.clear();
    EXPECT_EQ(frame().size(), 1u);
    EXPECT_EQ(frame().size(), 1u);
    EXPECT_TRUE(frame().empty()) << "the interval was due, and the detector saw nothing";
    found_ = {{{50, 40, 30, 30}, 0.9f}};
  }
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  options_.detect_interval = 0;
  EXPECT_EQ(frame().size(), 1u);
  found_.clear();
  for (int i = 0; i < 30; i++) frame();
  EXPECT_TRUE(frame().empty()) << "without an interval it would be followed for ever";
}

TEST_F(AnalyserTest, ForgetsAtAReset) {
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  const auto id = frame().at(0).id;
  analyser_->reset();
  EXPECT_NE(frame().at(0).id, id);
}

TEST_F(AnalyserTest, GivesCoordinatesOfPixelsThatAreNotSquare) {
  // Pixels twice as wide as high: 80 square pixels from the left are 40 of the picture's own.
  found_ = {{{65.5f, 44.5f, 30, 30}, 0.9f}};
  const auto faces = frame(255, 2);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_NEAR(faces[0].points[2].x, 40, 0.3);
  EXPECT_NEAR(faces[0].points[2].y, 59.5, 0.3);
  EXPECT_NEAR(faces[0].box.height / faces[0].box.width, 2, 1e-3);
}

TEST_F(AnalyserTest, SeeksWhileAFaceIsOnlyHeld) {
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  options_.track.max_lost_frames = 3;
  options_.detect_interval = 0;
  const auto id = frame().at(0).id;
  EXPECT_TRUE(frame(0).at(0).held);
  EXPECT_EQ(calls_, 2);
  const auto back = frame();
  EXPECT_FALSE(back.at(0).held);
  EXPECT_EQ(back.at(0).id, id);
}

TEST_F(AnalyserTest, SeeksAsSeldomAsToldWhileAFaceIsOnlyHeld) {
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  options_.track.max_lost_frames = 1000;
  options_.detect_interval = 0;
  options_.empty_interval = 10;
  frame();
  for (int i = 0; i < 30; i++) frame(0);  // lost: sought in the first three frames, then in every fifth
  const int calls = calls_;
  for (int i = 0; i < 30; i++) EXPECT_TRUE(frame(0).at(0).held);
  EXPECT_EQ(calls_, calls + 3);
}

TEST_F(AnalyserTest, LeavesSmallDetectionsOut) {
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  options_.min_face_size = 31;
  EXPECT_TRUE(frame().empty());
  options_.min_face_size = 30;
  EXPECT_EQ(frame().size(), 1u);
}

TEST_F(AnalyserTest, GivesWayToAVisibleFaceWhileAnotherIsHeld) {
  found_ = {{{20, 40, 30, 30}, 0.9f}};
  options_.max_faces = 1;
  options_.track.max_lost_frames = 30;
  // Dark on the left, bright on the right: the face on the left has gone.
  cv::Mat picture(120, 160, CV_8UC1, cv::Scalar(255));
  analyser_->analyse({picture}, {}, options_);
  picture.colRange(0, 80).setTo(0);
  found_ = {{{110, 40, 30, 30}, 0.9f}};
  for (int i = 0; i < 3; i++) {
    const auto faces = analyser_->analyse({picture}, {}, options_);
    ASSERT_EQ(faces.size(), 1u);
    EXPECT_EQ(faces[0].id, 2u);
    EXPECT_FALSE(faces[0].held);
  }
}

TEST_F(AnalyserTest, CarriesTheLastFacesOverAsHeld) {
  EXPECT_TRUE(analyser_->carry({}).empty());
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  const Face seen = frame().at(0);
  const Face held = analyser_->carry({}).at(0);
  EXPECT_TRUE(held.held);
  EXPECT_EQ(held.id, seen.id);
  EXPECT_EQ(held.points[0].x, seen.points[0].x);
  EXPECT_FALSE(frame().at(0).held);
  analyser_->reset();
  EXPECT_TRUE(analyser_->carry({}).empty());
}

TEST_F(AnalyserTest, SeeksUpsideDownWhereNobodyIsSureToBeUpright) {
  const auto x_of = [&](float upright, float upside_down) {
    analyser_->reset();
    found_ = {{{20, 40, 30, 30}, upright}};
    upside_down_.faces = {{{100, 40, 30, 30}, upside_down, static_cast<float>(CV_PI)}};
    const auto faces = frame();
    EXPECT_EQ(faces.size(), 1u);
    return faces.at(0).box.x;
  };
  EXPECT_LT(x_of(0.6f, 0.62f), 50);
  EXPECT_GT(x_of(0.6f, 0.7f), 50);
  EXPECT_EQ(upside_down_.calls, 2);
  EXPECT_LT(x_of(0.92f, 0.99f), 50);
  EXPECT_EQ(upside_down_.calls, 2) << "one face was sure to be upright";
  const Points upside = (found_.clear(), analyser_->reset(), frame().at(0).points);
  EXPECT_LT(upside[4].y, upside[0].y) << "the mouth is above the eyes";
  for (int i = 0; i < 40; i++) frame();
  EXPECT_EQ(upside_down_.calls, 4) << "it is followed like any other; newcomers may be upside down, too";
}

TEST_F(AnalyserTest, SeeksNewcomersUpsideDownBesideOneWhoIs) {
  options_.detect_interval = 1;
  found_ = {{{20, 40, 20, 20}, 0.95f, static_cast<float>(CV_PI)}};
  EXPECT_EQ(frame().size(), 1u);
  EXPECT_EQ(upside_down_.calls, 0) << "it was sure";
  upside_down_.faces = {{{100, 40, 20, 20}, 0.9f, static_cast<float>(CV_PI)}};
  EXPECT_EQ(frame().size(), 2u);
  EXPECT_EQ(upside_down_.calls, 1);
}

TEST_F(AnalyserTest, SeeksUpsideDownNowAndThenWhereNobodyIs) {
  for (int i = 0; i < 20; i++) frame();
  EXPECT_EQ(calls_, 20);
  EXPECT_EQ(upside_down_.calls, 2) << "in the first frame and the eleventh";
  upside_down_.faces = {{{50, 40, 30, 30}, 0.9f}};
  EXPECT_EQ(frame().size(), 1u);
}

TEST_F(AnalyserTest, CountsWhatItDid) {
  found_ = {{{50, 40, 30, 30}, 0.9f}};
  options_.detect_interval = 0;
  for (int i = 0; i < 3; i++) frame();
  const auto statistics = analyser_->statistics();
  EXPECT_EQ((*statistics)[Count::detections], 1u);
  EXPECT_EQ((*statistics)[Count::inferences], 4u) << "two looks at a new face, one at a followed one";
  EXPECT_EQ((*statistics)[Count::faces], 3u);
  analyser_.reset();
  EXPECT_GT((*statistics)[Stage::infer].mean, 0) << "they outlive it";
}

/// How far the points of a still picture move from frame to frame, in total, under a camera's noise.
double jitter_of(const cv::Mat& picture, bool smooth) {
  Analyser analyser(std::make_shared<KeypointNet>(KeypointNetOptions{"fkp68", "cpu", 1}),
                    std::make_unique<NetDetector>(NetDetectorOptions{}));
  AnalyserOptions options;
  options.smoothing.on = smooth;
  cv::RNG rng(7);
  cv::Mat noise(picture.size(), CV_16S), frame;
  Points last;
  double sum = 0;
  int frames = 0;
  for (int i = 0; i < 90; i++) {
    rng.fill(noise, cv::RNG::NORMAL, 0, 6);
    cv::add(picture, noise, frame, cv::noArray(), CV_8U);
    const auto faces = analyser.analyse({frame}, i / 30.0, options);
    if (faces.empty()) continue;
    for (std::size_t k = 0; k < last.size() && frames > 15; k++)
      sum += std::hypot(faces[0].points[k].x - last[k].x, faces[0].points[k].y - last[k].y);
    last = faces[0].points;
    frames++;
  }
  EXPECT_GE(frames, 85);
  return sum;
}

TEST(Smoothing, HalvesTheJitterOfARealStillFace) {
  NEEDS_DATA();
  const cv::Mat picture = cv::imread((test::data_folder() / "300w/helen/testset/296814969_3.jpg").string(), cv::IMREAD_GRAYSCALE);
  ASSERT_FALSE(picture.empty());
  EXPECT_LT(jitter_of(picture, true), 0.5 * jitter_of(picture, false));
}

TEST_F(AnalyserTest, ShowsTheWholePictureToANetworkThatAsksForIt) {
  // Its one point lies in the middle of a crop of 40×30, shifted right and down by the picture's brightness.
  test::write_model(folder_ / "whole.pt", " return torch.tensor([[[19.5, 14.5]]]).expand(x.size(0), -1, -1) + x[:, 0, :1, :2]",
                    R"({"name": "nose", "scheme": "nose-1", "input": {"size": [40, 30], "crop": "picture"}})");
  Analyser analyser(std::make_shared<KeypointNet>(KeypointNetOptions{(folder_ / "whole.pt").string(), "cpu", 1}),
                    std::make_unique<FakeDetector>(upright_, upside_down_));
  options_.detect_interval = 2;
  for (int i = 0; i < 5; i++) {
    const auto faces = analyser.analyse({cv::Mat(120, 160, CV_8UC1, cv::Scalar(255))}, {}, options_);
    ASSERT_EQ(faces.size(), 1u);
    EXPECT_EQ(faces[0].id, 1u);
    EXPECT_FLOAT_EQ(faces[0].points[0].x, 79.5f + 4);
    EXPECT_FLOAT_EQ(faces[0].points[0].y, 59.5f + 4);
  }
  EXPECT_EQ(calls_, 0) << "no detector is needed";
}

TEST(WholePictureDetector, TakesThePictureForOneFace) {
  const auto found = make_whole_picture_detector()->detect({cv::Mat(100, 160, CV_8UC1), false, 1});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].box, cv::Rect2f(29.5f, -0.5f, 100, 100));
  EXPECT_EQ(found[0].score, 1);
}

}  // namespace
}  // namespace fkp
