// SPDX-License-Identifier: LGPL-2.1-or-later
// A face detector from its recipe to its evaluation, on drawn faces.
#include <gmock/gmock.h>
#include <torch/script.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "fkp/core/error.h"
#include "measure/evaluate_faces.h"
#include "measure/misses.h"
#include "readers/readers.h"
#include "support/files.h"
#include "support/stand_in_device.h"
#include "train/distributed.h"
#include "train/task.h"
#include "train/train.h"

namespace fkp {
namespace {

/// A list of pictures with one or two faces: bright ellipses with dark eyes, in front of stripes.
class FacesTest : public testing::Test {
 protected:
  static constexpr int kPictures = 30;

  FacesTest() {
    std::filesystem::create_directory(folder_ / "images");
    cv::RNG rng(7);
    std::string list;
    for (int i = 0; i < kPictures; i++) {
      cv::Mat picture(128, 128, CV_8UC1, cv::Scalar(rng.uniform(30, 90)));
      for (int x = 0; x < 128; x += 16) cv::line(picture, {x, 0}, {x + 20, 127}, 120, 3);
      const std::string name = "p" + std::to_string(i) + ".png";
      list += name + "\n" + std::to_string(1 + i % 2) + "\n";
      for (int n = 0; n <= i % 2; n++) {
        const int w = rng.uniform(20, 32), h = w * 4 / 3, x = n * 64 + rng.uniform(0, 64 - w), y = rng.uniform(0, 128 - h);
        const cv::Point c(x + w / 2, y + h / 2);
        cv::ellipse(picture, c, {w / 2, h / 2}, 0, 0, 360, 220, cv::FILLED);
        for (int side : {-1, 1}) cv::circle(picture, c + cv::Point(side * w / 5, -h / 8), w / 10, 10, cv::FILLED);
        list += std::to_string(x) + " " + std::to_string(y) + " " + std::to_string(w) + " " + std::to_string(h) + " 0 0 0 0 0 0\n";
      }
      cv::imwrite((folder_ / "images" / name).string(), picture);
    }
    test::write(folder_ / "list.txt", list);
  }

  Recipe recipe(int epochs) {
    test::write(folder_ / "tiny.toml",
                "task = \"faces\"\nscheme = \"mtfl-5\"\n[data]\nroot = \".\"\ntrain = [\"wider:list.txt\"]\nvalidation = 0.2\n"
                "report_every = 5\n[scenes]\nsmallest = 16\nlargest = 0.5\n[augment]\nmirror = true\n"
                "[network]\ninput = 96\nlongest = 128\nwidths = [4, 8, 12, 12, 12]\ndepths = [1, 1, 1, 1, 1]\n"
                "[train]\nlr = 1e-2\nbatch = 8\npictures = 64\nema = 0.95\nwarmup = 1\nthreads = 1\nepochs = " +
                    std::to_string(epochs) + "\n");
    Recipe recipe = read_recipe(folder_ / "tiny.toml");
    recipe.root = folder_.path();  // whatever FKP_DATA says
    return recipe;
  }

  std::vector<Picture> reported() { return read_faces("wider:list.txt", folder_.path(), 5).pictures; }

  const test::TemporaryFolder folder_;
};

TEST_F(FacesTest, MakesAModelThatFindsFacesItNeverSaw) {
  train(recipe(16), folder_ / "run", false);
  NetDetector detector({(folder_ / "run/model.pt").string(), "cpu", 1, 0});
  EXPECT_EQ(detector.description().scheme.name, "mtfl-5");
  EXPECT_EQ(detector.description().longest, 128);
  EXPECT_THAT(detector.description().training, testing::HasSubstr("\"seed\":1"));
  const FaceEvaluation e = evaluate(detector, reported());
  EXPECT_EQ(detection_summary(e.results).images, kPictures / 5);
  EXPECT_GT(detection_summary(e.results).ap, 0.7);

  write_misses(reported(), e.results, 0.99f, 5, folder_ / "sheet.png");
  EXPECT_EQ(cv::imread((folder_ / "sheet.png").string()).cols, 1440);
  EXPECT_THROW(write_misses(reported(), e.results, 0.5f, 5, folder_ / "sheet.what"), Error);
}

TEST_F(FacesTest, LearnsOnAnyDeviceWhatItLearnsOnTheProcessor) {
  NEEDS_STAND_IN();
  const auto losses = [&](const std::string& device) {
    Recipe three = recipe(3);
    three.train.device = device;
    train(three, folder_ / device, false);
    std::ifstream log(folder_ / device / "log.csv");
    std::vector<double> losses;
    std::string line;
    for (std::getline(log, line); std::getline(log, line);)
      losses.push_back(std::stod(line.substr(line.find(',', line.find(',') + 1) + 1)));
    return losses;
  };
  const auto here = losses("cpu"), there = losses(test::kStandIn);
  ASSERT_EQ(here.size(), 3u);
  ASSERT_EQ(there.size(), 3u);
  for (std::size_t i = 0; i < 3; i++) EXPECT_NEAR(here[i], there[i], 0.02 * here[i]) << "epoch " << i + 1;
  EXPECT_NO_THROW(NetDetector({(folder_ / test::kStandIn / "model.pt").string(), "cpu", 1, 0}));
}

TEST_F(FacesTest, GoesOnFromACheckpointToTheSameWeights) {
  const Recipe three = recipe(3);
  train(three, folder_ / "whole", false);
  train(three, folder_ / "part", false, [](int epochs) { return epochs == 1; });
  train(three, folder_ / "part", true);
  EXPECT_EQ(test::read(folder_ / "whole/log.csv"), test::read(folder_ / "part/log.csv"));
  const auto weights = [&](const char* run) { return torch::jit::load((folder_ / run / "model.pt").string()).parameters(); };
  const auto whole = weights("whole"), part = weights("part");
  ASSERT_EQ(whole.size(), part.size());
  auto other = part.begin();
  for (const torch::Tensor& t : whole) EXPECT_TRUE(torch::equal(t, *other++));
}

TEST_F(FacesTest, LeavesItsScoresAsTheyAreWhileItFindsNoFace) {
  Recipe slow = recipe(1);
  slow.train.lr = 1e-12;
  train(slow, folder_ / "run", false);
  const NetDetector detector({(folder_ / "run/model.pt").string(), "cpu", 1, 0});
  EXPECT_THAT(detector.description().training,
              testing::AllOf(testing::HasSubstr("\"recall_fppi01\":0.0"), testing::HasSubstr("\"score_before_calibration\":0.5")));
}

TEST_F(FacesTest, StopsWhenTheNetworkGivesNoNumbers) {
  const Recipe one = recipe(1);
  const Workers alone;
  const auto task = make_face_task(one, alone);
  const auto network = task->make_network();
  network->eval();
  const torch::NoGradGuard no_grad;
  EXPECT_EQ(task->validate(*network).error, 1);
  for (auto& p : network->parameters()) p.fill_(NAN);
  EXPECT_THROW(task->validate(*network), Diverged);
}

TEST_F(FacesTest, NeedPicturesToHoldOut) {
  Recipe all = recipe(1);
  all.sets[0].set = "ibug:.";
  EXPECT_THROW(train(all, folder_ / "run", false), Error);
}

}  // namespace
}  // namespace fkp
