// SPDX-License-Identifier: LGPL-2.1-or-later
// What a run leaves in its folder.
#include <gmock/gmock.h>

#include <cstdio>

#include "drawn_hands.h"
#include "fkp/core/error.h"
#include "run/run_folder.h"
#include "run/tensorboard.h"
#include "train/train.h"

namespace fkp {
namespace {

using testing::HasSubstr;
using testing::Not;

class RunTest : public testing::Test {
 protected:
  Recipe recipe(int epochs) const {
    Recipe recipe = read_recipe(hands_ / "hands.toml");
    recipe.root = hands_.path();  // whatever FKP_DATA says
    recipe.train.epochs = epochs;
    return recipe;
  }
  std::string page() const { return test::read(hands_ / "run/report.html"); }

  const test::DrawnHands hands_;
};

TEST_F(RunTest, HasAPageThatTellsAllOfIt) {
  ASSERT_TRUE(train(recipe(2), hands_ / "run", false));
  const std::string html = page();
  for (const char* what : {"Loss", "Validation NME, %", "Learning rate", "Errors", "Error by point", "Error by region", "Best and worst",
                           "First-layer filters", "8 of 5×5", "csv:hands.csv: 1 refused", "What the network sees", "libtorch", "seed",
                           "finished, 2 of 2 epochs", "hand-21"})
    EXPECT_THAT(html, HasSubstr(what));
  EXPECT_LT(html.size(), 2u << 20);
  int pictures = 0;
  for (std::size_t at = html.find("<img"); at != std::string::npos; at = html.find("<img", at + 1)) pictures++;
  EXPECT_EQ(pictures, 24 + 8 + 8 + 8) << "crops, best, worst, filters";
  const RunRecord run = read_run(hands_ / "run");
  EXPECT_EQ(run.name, "run");
  EXPECT_EQ(run.facts.state, RunState::finished);
  EXPECT_EQ(run.facts.seconds.size(), 2u);
  EXPECT_EQ(run.log[kLossColumn].size(), 2u);
  EXPECT_EQ(run.log.size(), kOwnColumns + run.facts.columns.size());
  EXPECT_DOUBLE_EQ(run.log[kOwnColumns][static_cast<std::size_t>(run.facts.best_epoch) - 1],
                   std::stod(cv::format("%.6g", run.facts.best_error)));
}

TEST_F(RunTest, HasAPageWhileItRuns) {
  std::string after_first;
  train(recipe(2), hands_ / "run", false, [&](double epochs) {
    if (epochs > 1 && after_first.empty()) after_first = page();
    return false;
  });
  EXPECT_THAT(after_first, HasSubstr("running, 1 of 2 epochs"));
}

TEST_F(RunTest, StopsInMidEpochAndGoesOnToTheSameWeights) {
  ASSERT_TRUE(train(recipe(3), hands_ / "whole", false));
  for (double when : {0.3, 1.4, 2.0})
    EXPECT_FALSE(train(recipe(3), hands_ / "run", when > 1, [when](double epochs) { return epochs >= when; })) << when;
  EXPECT_THAT(page(), HasSubstr("stopped after 2 of 3 epochs"));
  EXPECT_THAT(page(), HasSubstr("Best and worst"));
  ASSERT_TRUE(train(recipe(3), hands_ / "run", true));
  EXPECT_EQ(test::read(hands_ / "whole/log.csv"), test::read(hands_ / "run/log.csv"));
  EXPECT_TRUE(test::read(hands_ / "whole/model.pt") == test::read(hands_ / "run/model.pt"));
  EXPECT_EQ(read_run(hands_ / "whole").facts.best_error, read_run(hands_ / "run").facts.best_error);
  EXPECT_EQ(read_run(hands_ / "run").facts.seconds.size(), 3u);
}

TEST_F(RunTest, IsLockedWhileItIsTrained) {
  bool refused = false;
  const auto again = [&](double) {
    try {
      train(recipe(2), hands_ / "run", true);
    } catch (const Error& e) {
      refused = refused || e.what() == (hands_ / "run").string() + " is being trained by another process";
    }
    return false;
  };
  ASSERT_TRUE(train(recipe(1), hands_ / "run", false));
  ASSERT_TRUE(train(recipe(2), hands_ / "run", true, again));
  EXPECT_TRUE(refused);
}

TEST_F(RunTest, KeepsThePageOfTheBestWeightsWhenItGoesOn) {
  train(recipe(2), hands_ / "run", false, [](double epochs) { return epochs >= 1; });
  Recipe worse = recipe(2);
  worse.train.lr = 10;  // so that the second epoch is no better
  train(worse, hands_ / "run", true);
  EXPECT_EQ(read_run(hands_ / "run").facts.best_epoch, 1);
  EXPECT_THAT(page(), HasSubstr("Best and worst"));
}

TEST_F(RunTest, SaysWhyItDivergedAndKeepsTheLastGoodWeights) {
  train(recipe(2), hands_ / "run", false, [](double epochs) { return epochs >= 1; });
  const std::string model = test::read(hands_ / "run/model.pt");
  Recipe wild = recipe(2);
  wild.train.lr = 1e30;
  try {
    train(wild, hands_ / "run", true);
    FAIL() << "it went on";
  } catch (const Diverged& e) {
    EXPECT_THAT(e.what(), HasSubstr("in epoch 2: lower [train] lr"));
    EXPECT_THAT(e.what(), HasSubstr((hands_ / "run/model.pt").string()));
  }
  EXPECT_TRUE(test::read(hands_ / "run/model.pt") == model);
  EXPECT_THAT(page(), HasSubstr("It failed: the loss is no number any more"));
  EXPECT_EQ(read_run(hands_ / "run").facts.state, RunState::failed);
}

TEST_F(RunTest, IsToldByItsFilesAlone) {
  train(recipe(1), hands_ / "run", false);
  test::write(hands_ / "run/log.csv", "epoch,lr,loss\n1,2\n");
  const auto why = [&] {
    try {
      read_run(hands_ / "run");
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("nothing");
  };
  EXPECT_THAT(why(), HasSubstr("log.csv:2: it is not a line of 8 numbers"));
  test::write(hands_ / "run/run.json", "{}");
  EXPECT_THAT(why(), HasSubstr("run.json"));
}

/// The output of an independent reader for a file, and its exit status.
std::string read_events(const std::filesystem::path& file, int& status) {
  std::FILE* pipe = popen(("python3 " FKP_TFEVENTS " '" + file.string() + "' 2>&1").c_str(), "r");
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  status = pclose(pipe);
  return text;
}

TEST(TensorBoard, IsReadByAnother) {
  const test::TemporaryFolder folder;
  EventFile(folder.path()).add(1, {{"loss", 0.5}, {"nme", -3}});
  EventFile(folder.path()).add(300, {{"loss", 1e6}});
  int files = 0, status = 0;
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    files++;
    all += read_events(entry.path(), status);
    EXPECT_EQ(status, 0);
    EXPECT_THAT(entry.path().filename().string(), testing::StartsWith("events.out.tfevents."));
    std::string bytes = test::read(entry.path());
    bytes[bytes.size() - 6] ^= 1;
    test::write(folder / "broken", bytes);
    EXPECT_THAT(read_events(folder / "broken", status), HasSubstr("checksum of a record"));
    EXPECT_NE(status, 0);
    std::filesystem::remove(folder / "broken");
  }
  EXPECT_EQ(files, 2);
  EXPECT_THAT(all, HasSubstr("1 loss 0.5\n1 nme -3.0\n"));
  EXPECT_THAT(all, HasSubstr("300 loss 1000000.0\n"));
}

TEST(TensorBoard, ChecksumsAreThoseOfTheRecordFormat) {
  EXPECT_EQ(masked_crc32c("123456789"), (0xe3069283U >> 15 | 0xe3069283U << 17) + 0xa282ead8U);
}

TEST_F(RunTest, WritesEventsWhereAsked) {
  train(recipe(1), hands_ / "run", false, {}, true);
  for (const auto& entry : std::filesystem::directory_iterator(hands_ / "run")) {
    if (entry.path().extension() != ".fkp") continue;
    int status = 0;
    EXPECT_THAT(read_events(entry.path(), status), HasSubstr("1 nme "));
    return;
  }
  FAIL() << "there is no event file";
}

}  // namespace
}  // namespace fkp
