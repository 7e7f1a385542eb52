// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/keypoint_net.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <omp.h>

#include <atomic>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "fkp/core/error.h"
#include "fkp/onednn/plan.h"
#include "fkp/runtime.h"
#include "support/files.h"
#include "support/models.h"

namespace fkp {
namespace {

using test::kFivePoints;
using testing::HasSubstr;

class KeypointNetTest : public testing::Test {
 protected:
  std::string model(const std::string& body, const std::string& json = kFivePoints) {
    const auto file = folder_ / "net.pt";
    test::write_model(file, body, json);
    return file.string();
  }

  void expect_error(const KeypointNetOptions& options, ErrorKind kind, const std::string& part) {
    try {
      const KeypointNet net(options);
      FAIL() << "it loaded";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), kind);
      EXPECT_THAT(e.what(), HasSubstr(part));
    }
  }

  const test::TemporaryFolder folder_;
  const Luma grey_{cv::Mat(100, 100, CV_8UC1, cv::Scalar(128))};
};

TEST_F(KeypointNetTest, ReturnsPointsInThePicture) {
  // Crop pixel 15.5 is the middle of a crop of 32.
  KeypointNet net({model(" return torch.full([x.size(0), 5, 2], 15.5)"), "cpu", 1});
  const auto looks = net.look(grey_, {{{40, 30}, 20, 0.5f}, {{70, 60}, 10, 0}});
  ASSERT_EQ(looks.size(), 2u);
  ASSERT_EQ(looks[0].points.size(), 5u);
  EXPECT_NEAR(looks[0].points[4].x, 40, 1e-4);
  EXPECT_NEAR(looks[1].points[0].y, 60, 1e-4);
  EXPECT_EQ(looks[0].points[0].confidence, 1) << "where the network gives none";
  EXPECT_EQ(looks[0].score, 1) << "where the network gives none";
}

TEST_F(KeypointNetTest, HonoursScaleAndOffsetOfTheOutput) {
  const std::string json =
      R"({"name": "n", "scheme": "nose-1", "input": {"size": 32, "margin": 1}, "output": {"scale": 32, "offset": -0.5}})";
  KeypointNet net({model(" return torch.full([x.size(0), 1, 2], 0.25)", json), "cpu", 1});
  const auto looks = net.look(grey_, {{{49.5f, 49.5f}, 100, 0}});
  EXPECT_NEAR(looks[0].points[0].x, 24.5, 1e-4);  // a quarter of the way from edge to edge
}

TEST_F(KeypointNetTest, GivesTheNetworkItsRangeAndTakesConfidenceAndScore) {
  const std::string json = R"({"name": "n", "scheme": "nose-1", "input": {"size": 32, "range": [-1, 1]}})";
  KeypointNet net({model(" m = x.mean([1, 2, 3])\n return m.reshape(-1, 1, 1).expand(-1, 1, 3), m", json), "cpu", 1});
  const Luma white{cv::Mat(50, 50, CV_8UC1, cv::Scalar(255))};
  const auto looks = net.look(white, {{{25, 25}, 20, 0}});
  EXPECT_FLOAT_EQ(looks[0].score, 1);
  EXPECT_FLOAT_EQ(looks[0].points[0].confidence, 1);
  EXPECT_FLOAT_EQ(net.look({cv::Mat(50, 50, CV_8UC1, cv::Scalar(0))}, {{{25, 25}, 20, 0}})[0].score, -1);
}

TEST_F(KeypointNetTest, TakesConfidencesForAScoreWhereThereIsNone) {
  KeypointNet net({model(" return torch.full([x.size(0), 5, 3], 0.25)"), "cpu", 1});
  EXPECT_TRUE(net.knows_faces());
  EXPECT_FLOAT_EQ(net.look(grey_, {{{40, 30}, 20, 0}})[0].score, 0.25f);
  EXPECT_FALSE(KeypointNet({model(" return torch.zeros([x.size(0), 5, 2])"), "cpu", 1}).knows_faces());
}

TEST_F(KeypointNetTest, TakesTheDescriptionBesideTheModel) {
  const std::string file = model(" return torch.zeros([x.size(0), 5, 2])", "");
  test::write(folder_ / "net.json", kFivePoints);
  EXPECT_EQ(KeypointNet({file, "cpu", 1}).description().name, "five");
}

TEST_F(KeypointNetTest, ServesSeveralThreads) {
  for (const int of_its_own : {1, 2}) {  // on the callers' threads, and on the network's own
    KeypointNet net({model(" return x.mean([2, 3]).unsqueeze(2).expand(-1, 5, 2) * 255"), "cpu", of_its_own});
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int shade = 10; shade < 50; shade += 10)
      threads.emplace_back([&, shade] {
        const Luma picture{cv::Mat(40, 40, CV_8UC1, cv::Scalar(shade))};
        for (int i = 0; i < 50; i++)
          // A region as large as its crop, in the picture's corner: points come back unchanged.
          if (std::abs(net.look(picture, {{{15.5f, 15.5f}, 32, 0}})[0].points[0].x - static_cast<float>(shade)) > 0.01f) wrong++;
      });
    for (auto& t : threads) t.join();
    EXPECT_EQ(wrong, 0) << of_its_own;
  }
}

TEST_F(KeypointNetTest, TellsEachOfSeveralThreadsOfAFailure) {
  for (const int of_its_own : {1, 2}) {
    KeypointNet net({model(" assert float(x.mean()) < 0.5\n return torch.zeros([x.size(0), 5, 2])"), "cpu", of_its_own});
    const Luma bright{cv::Mat(40, 40, CV_8UC1, cv::Scalar(255))};
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (int i = 0; i < 4; i++)
      threads.emplace_back([&] {
        try {
          net.look(bright, {{{15.5f, 15.5f}, 32, 0}});
        } catch (const std::runtime_error&) {
          failures++;
        }
      });
    for (auto& t : threads) t.join();
    EXPECT_EQ(failures, 4) << of_its_own;
    EXPECT_NO_THROW(net.look({cv::Mat(40, 40, CV_8UC1, cv::Scalar(0))}, {{{15.5f, 15.5f}, 32, 0}})) << "it goes on";
  }
}

TEST_F(KeypointNetTest, LeavesTheCallersNumberOfThreadsAsItIs) {
  KeypointNet net({model(" return torch.zeros([x.size(0), 5, 2])"), "cpu", 1});
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  std::thread([&] {
    net.look(grey_, {{{15.5f, 15.5f}, 32, 0}});
    EXPECT_EQ(at::get_num_threads(), 3) << "of a thread in which libtorch has run for the first time";
    omp_set_num_threads(2);
    net.look(grey_, {{{15.5f, 15.5f}, 32, 0}});
    EXPECT_EQ(omp_get_max_threads(), 2);
  }).join();
  at::set_num_threads(before);
}

TEST_F(KeypointNetTest, TellsAllOfABatchOfAFailure) {
  constexpr int kThreads = 4;
  KeypointNetOptions options{model(" assert x.size(0) < 3\n return torch.zeros([x.size(0), 5, 2])"), "cpu", 1};
  options.batch_timeout = std::chrono::hours(1);
  KeypointNet net(options);
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++)
    threads.emplace_back([&] {
      while (failures < kThreads) try {  // the test hangs if they never come together
          net.look(grey_, {{{15.5f, 15.5f}, 32, 0}});
        } catch (const std::runtime_error&) {
          failures++;
        }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_GE(failures, kThreads);
}

TEST_F(KeypointNetTest, NamesAFileThatIsMissing) { expect_error({"nowhere.pt", "cpu", 1}, ErrorKind::not_found, "nowhere.pt"); }

TEST_F(KeypointNetTest, NamesAFileThatIsNoModel) {
  test::write(folder_ / "text.pt", "not a model");
  expect_error({(folder_ / "text.pt").string(), "cpu", 1}, ErrorKind::unreadable, "text.pt");
}

TEST_F(KeypointNetTest, AsksForADescription) {
  expect_error({model(" return torch.zeros([x.size(0), 5, 2])", ""), "cpu", 1}, ErrorKind::unreadable, "net.json");
}

TEST_F(KeypointNetTest, RefusesAnOutputThatDoesNotFitItsScheme) {
  expect_error({model(" return torch.zeros([x.size(0), 68, 2])"), "cpu", 1}, ErrorKind::mismatch,
               "gives 68 points, its scheme 'mtfl-5' has 5");
  expect_error({model(" return torch.zeros([x.size(0), 10])"), "cpu", 1}, ErrorKind::mismatch, "[2, 10]");
  expect_error({model(" return torch.zeros([1, 5, 2])"), "cpu", 1}, ErrorKind::mismatch, "[1, 5, 2]");
  expect_error({model(" return [x]"), "cpu", 1}, ErrorKind::mismatch, "neither");
}

TEST_F(KeypointNetTest, RefusesAModelThatTakesOtherCrops) {
  expect_error({model(" return x.reshape(-1, 5, 3)"), "cpu", 1}, ErrorKind::mismatch, "shape '[-1, 5, 3]' is invalid");
}

TEST_F(KeypointNetTest, DoesNotFallBackFromCuda) {
  const std::string file = model(" return torch.zeros([x.size(0), 5, 2])");
  EXPECT_NO_THROW(KeypointNet({file, "auto", 1}));
  if (KeypointNet({file, "auto", 1}).device() != "cpu") GTEST_SKIP() << "there is a CUDA device";
  expect_error({file, "cuda", 1}, ErrorKind::no_device, "cuda");
  expect_error({file, "cuda:3", 1}, ErrorKind::no_device, "cuda:3");
}

TEST_F(KeypointNetTest, RefusesAnUnknownDevice) {
  expect_error({model(" return torch.zeros([x.size(0), 5, 2])"), "gpu", 1}, ErrorKind::no_device, "'gpu' is no device");
}

TEST_F(KeypointNetTest, RefusesAPrecisionThatCannotBeHad) {
  KeypointNetOptions options{model(" return torch.zeros([x.size(0), 5, 2])"), "cpu"};
  EXPECT_EQ(KeypointNet(options).precision(), "fp32");
  options.precision = "fp64";
  expect_error(options, ErrorKind::settings, "'fp64' is no precision");
  options.precision = "auto";
  EXPECT_EQ(KeypointNet(options).precision(), "fp32") << "there is no convolution";
  options.precision = "bf16";
  EXPECT_THROW(KeypointNet{options}, Error);
}

TEST(ShippedModel, FindsTheSamePointsInBfloat16) {
  KeypointNetOptions options{"fkp68", "cpu"};
  KeypointNet exact(options);
  options.precision = "auto";
  KeypointNet quick(options);
  if (quick.precision() == "fp32") GTEST_SKIP() << "this processor has no bfloat16";
  cv::Mat picture(200, 200, CV_8UC1);
  cv::randu(picture, 0, 256);
  cv::GaussianBlur(picture, picture, {}, 6);
  cv::normalize(picture, picture, 0, 255, cv::NORM_MINMAX);
  const Region region{{100, 100}, 128, 0.1f};
  const Look a = exact.look({picture}, {region})[0], b = quick.look({picture}, {region})[0];
  float furthest = 0;
  for (std::size_t i = 0; i < a.points.size(); i++)
    furthest = std::max(furthest, std::hypot(a.points[i].x - b.points[i].x, a.points[i].y - b.points[i].y));
  EXPECT_LT(furthest, 2) << "pixels";
  EXPECT_GT(furthest, 0) << "it is another precision";
  EXPECT_NEAR(a.score, b.score, 0.02);
}

TEST(ShippedModel, RunsInBfloat16OnceFrozen) {
  if (!Plan::knows_bfloat16()) GTEST_SKIP() << "this processor has no bfloat16";
  const test::TemporaryFolder folder;
  std::string json;
  auto module = read_module(find_model("fkp68").string(), json);
  module.eval();
  const std::string file = (folder / "frozen.pt").string();
  torch::jit::freeze(module).save(file, {{"fkp.json", json}});  // as some save their models
  EXPECT_EQ(KeypointNet({file, "cpu", 1, 8, {}, "bf16"}).precision(), "bf16");
}

TEST(ShippedModel, Loads) {
  const KeypointNet net({"fkp68", "cpu", 1});
  EXPECT_EQ(net.description().scheme.name, "ibug-68");
  EXPECT_EQ(net.device(), "cpu");
}

TEST(ShippedModel, GivesTheSamePointsAloneAndInABatch) {
  KeypointNet net({"fkp68", "cpu", 1});
  cv::Mat noise(200, 200, CV_8UC1);
  cv::RNG(1).fill(noise, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(noise, noise, {}, 4);
  const std::vector<Region> regions{{{60, 60}, 90, 0}, {{120, 130}, 100, 0.3f}, {{90, 100}, 140, -0.2f}};
  const auto together = net.look({noise}, regions);
  for (std::size_t i = 0; i < regions.size(); i++) {
    const auto alone = net.look({noise}, {regions[i]});
    for (int k = 0; k < 68; k++) EXPECT_NEAR(alone[0].points[k].x, together[i].points[k].x, 0.01);
  }
}

/// Its points' coordinates are the number of crops in the batch.
const char* kCountsItsBatch = " return torch.full([x.size(0), 5, 2], float(x.size(0)))";
const std::string kCropPixels = R"({"name": "n", "scheme": "mtfl-5", "input": {"size": 32, "margin": 1}})";

TEST_F(KeypointNetTest, SplitsWhatIsMoreThanABatch) {
  KeypointNetOptions options{model(kCountsItsBatch), "cpu", 1};
  options.batch_size = 2;
  KeypointNet net(options);
  const Region region{{15.5f, 15.5f}, 32, 0};  // crop pixels are picture pixels
  const auto looks = net.look(grey_, {region, region, region});
  ASSERT_EQ(looks.size(), 3u);
  EXPECT_NEAR(looks[0].points[0].x, 2, 1e-4);
  EXPECT_NEAR(looks[1].points[0].x, 2, 1e-4);
  EXPECT_NEAR(looks[2].points[0].x, 1, 1e-4);
}

TEST_F(KeypointNetTest, AnswersThreadsThatAskTogetherInOneBatch) {
  constexpr int kThreads = 4;
  KeypointNetOptions options{model(kCountsItsBatch), "cpu", 1};
  options.batch_timeout = std::chrono::hours(1);
  KeypointNet net(options);
  std::atomic<int> together{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++)
    threads.emplace_back([&] {
      while (together < kThreads)  // the test hangs if it never happens
        if (net.look(grey_, {{{15.5f, 15.5f}, 32, 0}})[0].points[0].x > kThreads - 0.5f) together++;
    });
  for (std::thread& t : threads) t.join();
  EXPECT_GE(together, kThreads);
}

TEST_F(KeypointNetTest, RefusesAModelThatGivesTheSameForAnyNumberOfCrops) {
  expect_error({model(" return torch.zeros([2, 5, 2])"), "cpu", 1}, ErrorKind::mismatch, "for 1 crop");
}

TEST_F(KeypointNetTest, FailsWhereTheNumberOfRowsIsNotThatOfCrops) {
  KeypointNet net({model(" return torch.zeros([min(x.size(0), 2), 5, 2])"), "cpu", 1});
  EXPECT_EQ(net.look(grey_, {{{50, 50}, 20, 0}}).size(), 1u);
  const Region region{{50, 50}, 20, 0};
  EXPECT_THROW(net.look(grey_, {region, region, region}), std::runtime_error);
  EXPECT_EQ(net.look(grey_, {region}).size(), 1u) << "it goes on";
}

TEST_F(KeypointNetTest, DoesNotWaitForAThreadThatHasGone) {
  KeypointNetOptions options{model(kCountsItsBatch), "cpu", 1};
  options.batch_timeout = std::chrono::hours(1);  // waiting for the thread that has gone would take an hour
  KeypointNet net(options);
  const auto ask = [&] { EXPECT_EQ(net.look(grey_, {{{50, 50}, 20, 0}}).size(), 1u); };
  std::thread(ask).join();
  for (int i = 0; i < 3; i++) ask();
}

}  // namespace
}  // namespace fkp
