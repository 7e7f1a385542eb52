// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/evaluate.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "support/files.h"
#include "support/models.h"

namespace fkp {
namespace {

/// Five points whose face_box() is the square from (30, 40) to (70, 80).
const Points kPoints{{30, 40}, {70, 40}, {50, 50}, {35, 80}, {65, 80}};

Sample sample(int brightness = 200) { return {"", "", cv::Mat(200, 200, CV_8UC1, cv::Scalar(brightness)), kPoints}; }

class EvaluateTest : public testing::Test {
 protected:
  /// A network that always outputs the true points of a crop of margin 2, with the given confidence and score.
  std::shared_ptr<KeypointNet> net(const std::string& confidence, const std::string& score,
                                   const std::string& points = "[[30.0, 40.0], [70.0, 40.0], [50.0, 50.0], [35.0, 80.0], [65.0, 80.0]]") {
    test::write_model(folder_ / "net.pt",
                      " points = torch.tensor(" + points +
                          ")\n"
                          " points = (points + 0.5 - torch.tensor([10.5, 20.5])) * 0.4 - 0.5\n"
                          " confidence = " +
                          confidence +
                          "\n"
                          " out = torch.cat([points, confidence.unsqueeze(1)], 1)\n"
                          " return out.unsqueeze(0).expand(x.size(0), -1, -1), " +
                          score,
                      R"({"name": "five", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}})");
    return std::make_shared<KeypointNet>(KeypointNetOptions{(folder_ / "net.pt").string(), "cpu", 1});
  }

  const test::TemporaryFolder folder_;
};

TEST_F(EvaluateTest, IsZeroForAPerfectNetwork) {
  const Evaluation e = evaluate(*net("torch.ones([5])", "torch.ones([x.size(0)])"), {sample(), sample()}, {});
  EXPECT_EQ(e.summary.faces, 2);
  EXPECT_EQ(e.found, 2);
  EXPECT_LT(e.summary.mean, 0.1);
  EXPECT_GT(e.ms_per_face, 0);
  EXPECT_EQ(e.faces_kept, 100);
  EXPECT_EQ(e.background_refused, 0) << "it takes everything for a face";
}

TEST_F(EvaluateTest, TellsHowManyFacesAndBackgroundsTheScoreTellsApart) {
  Sample half = sample(0);
  half.grey(cv::Rect(20, 20, 80, 80)).setTo(255);  // the face is bright, the rest is dark
  const Evaluation e = evaluate(*net("torch.ones([5])", "(x.mean([1, 2, 3]) > 0.8) * 1.0"), {half, sample(0)}, {});
  EXPECT_EQ(e.faces_kept, 50);
  EXPECT_EQ(e.background_refused, 100);
}

class FixedDetector : public Detector {
 public:
  explicit FixedDetector(std::vector<Detection> found) : found_(std::move(found)) {}
  std::vector<Detection> detect(const Luma&) override { return found_; }

 private:
  std::vector<Detection> found_;
};

TEST_F(EvaluateTest, CountsAFaceWithoutABoxAsAFailure) {
  const auto perfect = net("torch.ones([5])", "torch.ones([x.size(0)])");
  Analyser elsewhere(perfect, std::make_unique<FixedDetector>(std::vector<Detection>{{{150, 150, 40, 40}, 1}}));
  EvaluationOptions options;
  options.analyser = &elsewhere;
  const Evaluation e = evaluate(*perfect, {sample()}, options);
  EXPECT_EQ(e.found, 0);
  EXPECT_EQ(e.summary.fr8, 100);
  const std::vector<Detection> two{{{150, 150, 40, 40}, 1}, {face_box(kPoints), 0.6f}};
  Analyser there(perfect, std::make_unique<FixedDetector>(two));
  options.analyser = &there;
  const Evaluation found = evaluate(*perfect, {sample()}, options);
  EXPECT_EQ(found.found, 1);
  EXPECT_EQ(found.summary.fr8, 0);
}

TEST_F(EvaluateTest, FindsAFaceOfWhichFewPointsAreAnnotated) {
  const auto perfect =
      net("torch.ones([5])", "torch.ones([x.size(0)])", "[[42.0, 40.0], [58.0, 40.0], [50.0, 50.0], [30.0, 80.0], [70.0, 80.0]]");
  Analyser analyser(perfect, std::make_unique<FixedDetector>(std::vector<Detection>{{face_box(kPoints), 1}}));
  EvaluationOptions options;
  options.analyser = &analyser;
  Sample eyes = sample();
  eyes.points = {{42, 40}, {58, 40}, unknown_point(), unknown_point(), unknown_point()};  // by their box, far from the face's
  EXPECT_EQ(evaluate(*perfect, {eyes}, options).found, 1);
}

TEST_F(EvaluateTest, TellsTheErrorOfEachPart) {
  const Evaluation e = evaluate(*net("torch.ones([5])", "torch.ones([x.size(0)])"), {sample()}, {});
  EXPECT_EQ(e.parts.size(), scheme("mtfl-5").parts.size());
  for (const auto& [part, error] : e.parts) EXPECT_LT(error, 0.1) << part;
}

TEST_F(EvaluateTest, RanksConfidenceAgainstError) {
  Sample off = sample();
  for (int i = 1; i < 5; i++) off.points[i].y += static_cast<float>(i);  // inside the face box, which stays the same
  off.points[3].y = kPoints[3].y, off.points[4].y = kPoints[4].y;        // as the lowest points do not move
  const std::vector<std::pair<std::string, double>> cases{
      {"torch.tensor([0.9, 0.8, 0.7, 0.9, 0.9])", -1}, {"torch.tensor([0.1, 0.2, 0.3, 0.1, 0.1])", 1}, {"torch.ones([5])", 0}};
  for (const auto& [confidence, expected] : cases)
    EXPECT_NEAR(evaluate(*net(confidence, "torch.ones([x.size(0)])"), {off}, {}).rank_correlation, expected, 0.2) << confidence;
}

TEST_F(EvaluateTest, LeavesOutDetectionsThatFkpdetectWouldRefuse) {
  const auto perfect = net("torch.ones([5])", "torch.ones([x.size(0)])");
  Analyser unsure(perfect, std::make_unique<FixedDetector>(std::vector<Detection>{{face_box(kPoints), 0.4f}}));
  EvaluationOptions options;
  options.analyser = &unsure;
  EXPECT_EQ(evaluate(*perfect, {sample()}, options).found, 0);
}

TEST_F(EvaluateTest, ShrinksBlursAndCoversCopies) {
  const std::vector<Sample> samples{sample()};
  EvaluationOptions options;
  options.shrink = 20;
  options.blur = 5;
  options.occlude = 0.5f;
  const Evaluation e = evaluate(*net("torch.ones([5])", "torch.ones([x.size(0)])"), samples, options);
  EXPECT_LT(e.summary.mean, 2);
  EXPECT_EQ(e.confidence_seen, 1);
  EXPECT_EQ(cv::countNonZero(samples[0].grey != 200), 0) << "the dataset's own pixels";
}

TEST_F(EvaluateTest, TurnsClockwiseAroundTheFace) {
  Sample upright = sample(0);
  upright.grey(cv::Rect(45, 45, 10, 10)).setTo(255);  // the nose
  test::write_model(folder_ / "net.pt",
                    " turned = torch.tensor([[70.0, 40.0], [70.0, 80.0], [60.0, 60.0], [30.0, 45.0], [30.0, 75.0]])\n"
                    " points = (turned + 0.5 - torch.tensor([10.5, 20.5])) * 0.4 - 0.5\n"
                    " out = torch.cat([points, torch.ones([5, 1])], 1)\n"
                    " return out.unsqueeze(0).expand(x.size(0), -1, -1), (x[:, 0, 15:17, 19:21].mean([1, 2]) > 0.9) * 1.0",
                    R"({"name": "five", "scheme": "mtfl-5", "input": {"size": 32, "margin": 2.0}})");
  KeypointNet turned({(folder_ / "net.pt").string(), "cpu", 1});
  EvaluationOptions options;
  options.roll = 90;
  const Evaluation quarter = evaluate(turned, {upright}, options);
  EXPECT_LT(quarter.summary.mean, 0.1);
  EXPECT_EQ(quarter.faces_kept, 100) << "the nose is bright where the network says it is";
  options.roll = -90;
  EXPECT_GT(evaluate(turned, {upright}, options).summary.mean, 50);
}

TEST_F(EvaluateTest, MeasuresNothingByPointsThatNobodyKnows) {
  Sample lacks_one = sample(), lacks_an_eye = sample();
  lacks_one.points[3] = unknown_point();
  lacks_an_eye.points[0] = unknown_point();
  for (Sample* s : {&lacks_one, &lacks_an_eye}) s->face = sample().box();
  const Evaluation e = evaluate(*net("torch.ones([5])", "torch.ones([x.size(0)])"), {lacks_one, sample(), lacks_an_eye}, {});
  EXPECT_EQ(e.summary.faces, 2);
  EXPECT_EQ(e.found, 2);
  EXPECT_EQ(e.unmeasured, 1) << "errors are divided by the distance of the eyes";
  EXPECT_EQ(e.faces_kept, 100);
  EXPECT_LT(e.summary.mean, 0.1);
  for (const auto& [part, error] : e.parts) EXPECT_LT(error, 0.1) << part;
}

TEST_F(EvaluateTest, DarkensAndAddsNoise) {
  const std::vector<Sample> samples{sample()};
  const auto kept = [&](const std::string& score, const EvaluationOptions& options) {
    return evaluate(*net("torch.ones([5])", score), samples, options).faces_kept;
  };
  const std::string bright = "(x.mean([1, 2, 3]) > 0.5).float()", rough = "(x.std([1, 2, 3]) > 0.02).float()";
  EvaluationOptions dark, noisy;
  dark.light = 0.2f;
  noisy.noise = 30;
  EXPECT_EQ(kept(bright, {}), 100);
  EXPECT_EQ(kept(bright, dark), 0);
  EXPECT_EQ(kept(rough, {}), 0);
  EXPECT_EQ(kept(rough, noisy), 100);
  EXPECT_EQ(cv::countNonZero(samples[0].grey != 200), 0) << "the dataset's own pixels";
}

}  // namespace
}  // namespace fkp
