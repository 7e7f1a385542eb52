// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/kaggle.h"

#include <gmock/gmock.h>

#include <map>
#include <opencv2/core.hpp>
#include <sstream>

#include "fkp/core/error.h"
#include "readers/readers.h"
#include "support/files.h"

namespace fkp {
namespace {

/// A face of 68 points on a circle, of its own group.
Sample sample(int number) {
  Sample s{"a.png", std::to_string(number), cv::Mat(200, 200, CV_8UC1, cv::Scalar(number)), {}};
  for (int k = 0; k < 68; k++) s.points.push_back({100 + 50 * static_cast<float>(std::cos(k)), 100 + 50 * static_cast<float>(std::sin(k))});
  return s;
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class Kaggle : public testing::Test {
 protected:
  Kaggle() {
    for (int i = 0; i < 60; i++) samples_.push_back(sample(i));
    write_kaggle(samples_, scheme("ibug-68"), {}, folder_.path());
  }
  std::vector<Sample> samples_;
  const test::TemporaryFolder folder_;
};

TEST_F(Kaggle, MakesEyeCentresOfTheLids) {
  const Points& from = samples_[0].points;
  const Points points = kaggle_points(from, scheme("ibug-68"));
  ASSERT_EQ(points.size(), 15u);
  float x = 0;
  for (int k = 42; k < 48; k++) x += from[k].x / 6;
  EXPECT_NEAR(points[0].x, x, 1e-3);
  EXPECT_EQ(points[10].y, from[30].y);
  EXPECT_THROW(kaggle_points(from, scheme("wflw-98")), Error);
}

TEST_F(Kaggle, WritesWhatItsReaderReads) {
  const Dataset back = read_dataset("kaggle:training.csv", folder_.path(), scheme("kaggle-15"));
  EXPECT_EQ(back.samples.size(), 48u) << "four fifths of 60";
  EXPECT_EQ(back.refused.size(), 0u);
  int whole = 0;
  for (const Sample& s : back.samples) {
    const auto known = std::count_if(s.points.begin(), s.points.end(), is_known);
    EXPECT_TRUE(known == 15 || known == 4) << known;
    EXPECT_TRUE(is_known(s.points[0]) && is_known(s.points[1]) && is_known(s.points[10]) && is_known(s.points[14]));
    whole += known == 15;
  }
  EXPECT_NEAR(whole, 16, 8) << "a third";
}

TEST_F(Kaggle, AsksForThePointsOfTheTestPart) {
  const auto lookup = lines_of(folder_ / "IdLookupTable.csv"), sample_submission = lines_of(folder_ / "SampleSubmission.csv"),
             solution = lines_of(folder_ / "Solution.csv"), test = lines_of(folder_ / "test.csv");
  EXPECT_EQ(test.size(), 13u);
  EXPECT_EQ(test[0], "ImageId,Image");
  EXPECT_EQ(lookup[0], "RowId,ImageId,FeatureName,Location");
  EXPECT_EQ(lookup[1], "1,1,left_eye_center_x,");
  EXPECT_EQ(lookup.size(), sample_submission.size());
  EXPECT_EQ(lookup.size(), solution.size());
  EXPECT_EQ(sample_submission[1], "1,0");
  EXPECT_GT((lookup.size() - 1) / 12.0, 8) << "at least four points of each picture";
}

TEST_F(Kaggle, IsTheSameForTheSameSeed) {
  const std::string before = lines_of(folder_ / "training.csv")[1];
  write_kaggle(samples_, scheme("ibug-68"), {}, folder_.path());
  EXPECT_EQ(lines_of(folder_ / "training.csv")[1], before);
}

}  // namespace
}  // namespace fkp
