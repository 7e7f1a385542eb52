// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/submission.h"

#include <gmock/gmock.h>

#include <cmath>

#include "data/kaggle.h"
#include "fkp/core/error.h"
#include "net/point_net.h"
#include "support/files.h"

namespace fkp {
namespace {

using testing::HasSubstr;

/// The competition's files, with faces that all have the same points, and networks with the same output for every picture.
class Submission : public testing::Test {
 protected:
  Submission() {
    std::vector<Sample> samples;
    for (int i = 0; i < 10; i++) {
      Sample s{"a.png", std::to_string(i), cv::Mat(96, 96, CV_8UC1, cv::Scalar(20 * i)), {}};
      for (int k = 0; k < 15; k++)
        s.points.push_back({48 + 30 * static_cast<float>(std::cos(k)), 48 + 30 * static_cast<float>(std::sin(k))});
      samples.push_back(s);
    }
    KaggleOptions options;
    options.withheld = 0;
    write_kaggle(samples, scheme("kaggle-15"), options, folder_.path());
  }

  /// A network that puts all points of the scheme at (x, y) in every picture.
  std::unique_ptr<KeypointNet> net_at(const Scheme& points, float x, float y) {
    Recipe r;
    r.scheme = points;
    r.crop = {{24, 24}, 1, true};
    r.network.layers = {"conv 1 3", "relu", "linear"};
    const auto net = make_point_net(r);
    const torch::NoGradGuard no_grad;
    net->named_parameters()["fc.weight"].zero_();
    net->named_parameters()["fc.bias"].copy_((torch::tensor({x, y}) + 0.5).div(96).repeat(points.size()));
    net->eval();
    const std::string file = (folder_ / (points.name + ".pt")).string();
    export_network(*net, r.crop.size, to_json(ModelDescription{"constant", points, r.crop, 0, 1, 1, 0, "{}"}), file);
    return std::make_unique<KeypointNet>(KeypointNetOptions{file, "cpu", 1});
  }

  /// A scheme of one of the fifteen points.
  static Scheme only(const std::string& point) { return scheme_from_json(R"({"name": "one", "points": [")" + point + "\"]}"); }

  std::string text(const std::string& name) const { return test::read(folder_ / name); }

  const test::TemporaryFolder folder_;
  std::vector<std::unique_ptr<KeypointNet>> nets_;
};

TEST_F(Submission, AnswersEachRowThatIsAsked) {
  nets_.push_back(net_at(scheme("kaggle-15"), 40, 50));
  const KaggleTest test = read_kaggle_test(folder_.path());
  EXPECT_EQ(test.pictures.size(), 2u) << "a fifth of ten";
  ASSERT_EQ(test.asked.size(), 2u * 2 * 15);
  EXPECT_EQ(test.asked[1].point, "left-eye-center");
  EXPECT_FALSE(test.asked[1].x);
  EXPECT_EQ(test.asked[1].column(), "left_eye_center_y");
  const auto answers = answers_to(test, nets_);
  EXPECT_NEAR(answers[0], 40, 1e-3);
  EXPECT_NEAR(answers[1], 50, 1e-3);
  write_submission(test, answers, folder_ / "submission.csv");
  EXPECT_THAT(text("submission.csv"), testing::StartsWith("RowId,Location\n1,40"));
  const std::string sample = text("SampleSubmission.csv"), written = text("submission.csv");
  EXPECT_EQ(std::count(sample.begin(), sample.end(), '\n'), std::count(written.begin(), written.end(), '\n'));
}

TEST_F(Submission, CountsErrorsAsTheCompetitionDoes) {
  nets_.push_back(net_at(scheme("kaggle-15"), 40, 50));
  const KaggleTest test = read_kaggle_test(folder_.path());
  auto right = answers_to(test, nets_);
  std::istringstream solution(text("Solution.csv"));
  std::string line;
  std::getline(solution, line);
  for (double& answer : right) {
    std::getline(solution, line);
    answer = std::stod(line.substr(line.find(',') + 1));
  }
  EXPECT_NEAR(errors_of(test, right, folder_ / "Solution.csv").at(""), 0, 1e-4);
  right[0] += 6;  // left_eye_center_x of the first of two pictures
  const auto errors = errors_of(test, right, folder_ / "Solution.csv");
  EXPECT_NEAR(errors.at(""), std::sqrt(36.0 / 60), 1e-4);
  EXPECT_NEAR(errors.at("left_eye_center_x"), std::sqrt(36.0 / 2), 1e-4);
  EXPECT_NEAR(errors.at("left_eye_center_y"), 0, 1e-4);
}

TEST_F(Submission, TakesAPointFromTheFirstModelThatKnowsIt) {
  nets_.push_back(net_at(only("nose-tip"), 10, 20));
  const KaggleTest test = read_kaggle_test(folder_.path());
  try {
    answers_to(test, nets_);
    FAIL() << "fourteen points are asked that nobody knows";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("'left-eye-center'"));
  }
  nets_.push_back(net_at(scheme("kaggle-15"), 40, 50));
  const auto answers = answers_to(test, nets_);
  for (std::size_t i = 0; i < answers.size(); i += 2) EXPECT_NEAR(answers[i], test.asked[i].point == "nose-tip" ? 10 : 40, 1e-3);
}

TEST_F(Submission, NamesTheRowThatIsWrong) {
  const auto error = [&] {
    try {
      read_kaggle_test(folder_.path());
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("nothing");
  };
  test::write(folder_ / "IdLookupTable.csv", "RowId,ImageId,FeatureName,Location\n1,1,left_eye_center_x,\n2,77,nose_tip_x,\n");
  EXPECT_THAT(error(), testing::AllOf(HasSubstr("IdLookupTable.csv:3"), HasSubstr("no picture 77")));
  test::write(folder_ / "IdLookupTable.csv", "RowId,ImageId,FeatureName,Location\n1,1,nose,\n");
  EXPECT_THAT(error(), HasSubstr("'nose' is no POINT_x or POINT_y"));
  test::write(folder_ / "test.csv", "ImageId,Image\n1,1 2 3\n");
  EXPECT_THAT(error(), testing::AllOf(HasSubstr("test.csv:2"), HasSubstr("3 greys")));
  std::filesystem::remove(folder_ / "test.csv");
  EXPECT_THAT(error(), HasSubstr("there is no file"));
}

}  // namespace
}  // namespace fkp
