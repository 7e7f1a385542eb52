// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/teacher.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "data/keypoint_data.h"
#include "data/scenes.h"
#include "fkp/core/error.h"
#include "support/files.h"
#include "support/models.h"

namespace fkp {
namespace {

using testing::HasSubstr;

/// Learns from a network that puts all five points of a crop of 32 pixels at (w, w / 2), where w depends on its brightness: 10 for
/// grey 100, 20 for 200.
class TeacherTest : public testing::Test {
 protected:
  TeacherTest() {
    test::write_model(folder_ / "teacher.pt",
                      " w = x.mean([1, 2, 3]) * 25.5\n"
                      " out = torch.stack([w, w / 2, torch.ones_like(w)], 1).unsqueeze(1).expand(-1, 5, -1)\n"
                      " return out, torch.ones([x.size(0)])",
                      R"({"name": "five", "scheme": "mtfl-5", "input": {"size": 32, "margin": 1.5}})");
    recipe_.file = "r.toml";
    recipe_.scheme = scheme("mtfl-5");
    recipe_.crop = {{32, 32}, 1.5f};
    recipe_.teacher = {folder_ / "teacher.pt", 0.25f};
  }

  /// Adds a uniformly grey crop with all its points at (8, 8).
  static void add(Batch& batch, int grey, bool face = true) {
    Crop crop;
    crop.pixels = cv::Mat(32, 32, CV_8UC1, cv::Scalar(grey));
    crop.points = Points(5, {8, 8});
    crop.face = face;
    batch.append(crop, 0.5f);
  }

  std::string error() const {
    try {
      Teacher teacher(recipe_);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  const test::TemporaryFolder folder_;
  Recipe recipe_;
};

TEST_F(TeacherTest, MovesEachFacesPointsTowardsWhatItFinds) {
  Batch batch;
  for (const int grey : {100, 200}) add(batch, grey);
  Teacher(recipe_).teach(batch);
  for (int k = 0; k < 5; k++) {
    const float* dark = &batch.points[static_cast<std::size_t>(2 * k)];
    const float* bright = dark + 10;
    EXPECT_NEAR(dark[0], 8 + 0.25 * (10 - 8), 1e-3);
    EXPECT_NEAR(dark[1], 8 + 0.25 * (5 - 8), 1e-3);
    EXPECT_NEAR(bright[0], 8 + 0.25 * (20 - 8), 1e-3);
    EXPECT_NEAR(bright[1], 8 + 0.25 * (10 - 8), 1e-3);
  }
  EXPECT_EQ(batch.weight, (std::vector<float>{0.5f, 0.5f}));
}

TEST_F(TeacherTest, MayLookAtCropsOfAnotherSize) {
  recipe_.crop.size = {64, 64};
  Batch batch;
  Crop crop;
  crop.pixels = cv::Mat(64, 64, CV_8UC1, cv::Scalar(100));
  crop.points = Points(5, {8, 8});
  crop.face = true;
  batch.append(crop, 1);
  Teacher(recipe_).teach(batch);
  EXPECT_NEAR(batch.points[0], 8 + 0.25 * (20.5 - 8), 1e-3) << "(10 + 0.5) · 2 − 0.5";
  EXPECT_NEAR(batch.points[1], 8 + 0.25 * (10.5 - 8), 1e-3);
}

TEST_F(TeacherTest, TeachesSeveralThreads) {
  recipe_.train.precision = Precision::bf16;  // without effect on a network without convolutions
  Teacher teacher(recipe_);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (const int grey : {50, 100, 150, 200})
    threads.emplace_back([&, grey] {
      for (int i = 0; i < 20; i++) {
        Batch batch;
        for (int k = 0; k < 11; k++) add(batch, grey);
        teacher.teach(batch);
        for (int k = 0; k < 11; k++)
          wrong += std::abs(batch.points[static_cast<std::size_t>(10 * k)] - (8 + 0.25f * (static_cast<float>(grey) / 10 - 8))) > 1e-3f;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(TeacherTest, LooksAtABatchByItself) {
  test::write_model(folder_ / "teacher.pt",
                    " count = torch.ones([x.size(0), 5, 3]) * x.size(0)\n"
                    " return count, torch.ones([x.size(0)])",
                    R"({"name": "five", "scheme": "mtfl-5", "input": {"size": 32, "margin": 1.5}})");
  recipe_.teacher.weight = 1;
  for (const int size : {3, 20}) {  // so few that several would go together, and more than a network is given by default
    recipe_.train.batch = size;
    Teacher teacher(recipe_);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
      threads.emplace_back([&] {
        for (int i = 0; i < 20; i++) {
          Batch batch;
          add(batch, 100);
          for (int k = 1; k < size; k++) add(batch, 100, size == 20);  // with crops of no face, which it does not look at
          teacher.teach(batch);
          wrong += batch.points[0] != (size == 20 ? 20 : 1);
        }
      });
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(wrong, 0) << "batches of " << size;
  }
}

TEST_F(TeacherTest, LeavesCropsWithoutAFaceAsTheyAre) {
  Batch batch;
  add(batch, 100, false);
  add(batch, 200);
  add(batch, 100, false);
  Teacher(recipe_).teach(batch);
  EXPECT_EQ(batch.points[0], 8);
  EXPECT_NEAR(batch.points[10], 8 + 0.25 * (20 - 8), 1e-3);
  EXPECT_EQ(batch.points[20], 8);
}

TEST_F(TeacherTest, GivesAPointThatIsNotKnown) {
  Batch batch;
  add(batch, 100);
  batch.points[2] = batch.points[3] = NAN;
  Teacher(recipe_).teach(batch);
  EXPECT_NEAR(batch.points[2], 10, 1e-3);
  EXPECT_NEAR(batch.points[3], 5, 1e-3);
}

TEST_F(TeacherTest, LabelsTheFacesOfBoxes) {
  // The corners and the middle of the face box, shrunk to half where it is dark.
  test::write_model(folder_ / "teacher.pt",
                    " a = 32 / 3.0 * torch.where(x.mean([1, 2, 3]) > 0.5, 1, 0.5)\n"
                    " b = torch.zeros_like(a)\n"
                    " xs = torch.stack([-a, a, b, -a, a], 1) + 15.5\n"
                    " ys = torch.stack([-a, -a, b, a, a], 1) + 15.5\n"
                    " return torch.stack([xs, ys, torch.ones_like(xs)], 2), torch.ones([x.size(0)]) * 0.1",
                    R"({"name": "five", "scheme": "mtfl-5", "input": {"size": 32, "margin": 1.5}})");
  Picture picture{"a.png", "a", cv::Mat(200, 300, CV_8UC1, cv::Scalar(200)), {}, {}};
  picture.grey.colRange(150, 300).setTo(50);
  picture.faces = {{40, 40, 48, 64}, {100, 10, 20, 20}, {200, 40, 48, 64}};  // one too small, one where it finds another face
  const std::vector<Sample> samples = Teacher(recipe_).label(picture);
  ASSERT_EQ(samples.size(), 1u) << "however unsure it is";
  EXPECT_EQ(samples[0].picture, "a.png");
  EXPECT_EQ(samples[0].group, "a");
  EXPECT_EQ(samples[0].others, (std::vector<cv::Rect2f>{picture.faces[1], picture.faces[2]}));
  EXPECT_GT(iou(samples[0].box(), square_in(picture.faces[0])), 0.99f);
  EXPECT_NEAR(samples[0].points[0].x, square_in(picture.faces[0]).x, 0.1);
  EXPECT_NEAR(samples[0].points[4].y, square_in(picture.faces[0]).br().y, 0.1);
}

TEST_F(TeacherTest, IsOfTheSameSchemeAndMargin) {
  EXPECT_EQ(error(), "");
  recipe_.crop.margin = 1.25f;
  EXPECT_THAT(error(), testing::AllOf(HasSubstr("teacher.pt"), HasSubstr("r.toml"), HasSubstr("1.25")));
  recipe_.crop.margin = 1.5f;
  recipe_.scheme = scheme("ibug-68");
  EXPECT_THAT(error(), testing::AllOf(HasSubstr("its scheme is mtfl-5"), HasSubstr("ibug-68")));
}

}  // namespace
}  // namespace fkp
