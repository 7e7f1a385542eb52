// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/train.h"

#include <gmock/gmock.h>
#include <torch/script.h>

#include <fstream>
#include <iterator>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "data/keypoint_data.h"
#include "fkp/core/error.h"
#include "measure/evaluate.h"
#include "readers/readers.h"
#include "support/files.h"
#include "support/stand_in_device.h"
#include "train/distributed.h"
#include "train/task.h"

namespace fkp {
namespace {

/// Drawn faces: a bright disc with dark eyes, nose and mouth corners, at a random place in each picture.
class TrainTest : public testing::Test {
 protected:
  static constexpr int kPictures = 24;

  TrainTest() {
    cv::RNG rng(4);
    for (int i = 0; i < kPictures; i++) {
      const cv::Point2f c(rng.uniform(50.f, 70.f), rng.uniform(50.f, 70.f));
      const float s = rng.uniform(14.f, 20.f);
      const cv::Point2f points[] = {c + cv::Point2f(-s, -s), c + cv::Point2f(s, -s), c, c + cv::Point2f(-s, s), c + cv::Point2f(s, s)};
      cv::Mat picture(120, 120, CV_8UC1, cv::Scalar(60));
      cv::circle(picture, c, cvRound(2 * s), 200, cv::FILLED);
      std::string text = "version: 1\nn_points: 5\n{\n";
      for (const cv::Point2f& p : points) {
        cv::circle(picture, p, 3, 10, cv::FILLED);
        text += std::to_string(p.x + 1) + " " + std::to_string(p.y + 1) + "\n";
      }
      const std::string name = std::to_string(i) + "_1";
      cv::imwrite((folder_ / (name + ".png")).string(), picture);
      test::write(folder_ / (name + ".pts"), text + "}\n");
    }
  }

  Recipe recipe(int epochs) {
    test::write(
        folder_ / "faces.toml",
        "scheme = \"mtfl-5\"\n[data]\nroot = \".\"\ntrain = [\"ibug:.\"]\nvalidation = 0.2\n[augment]\nrotation = 5\nmirror = true\n"
        "[network]\ninput = 32\nwidths = [4, 8, 8, 8]\ndepths = [1, 1, 1, 1]\nhead = 8\n"
        "[train]\nlr = 1e-2\nbatch = 5\nema = 0.9\nwarmup = 1\nthreads = 1\nnegatives = 0.2\nepochs = " +
            std::to_string(epochs) + "\n");
    Recipe recipe = read_recipe(folder_ / "faces.toml");
    recipe.root = folder_.path();  // whatever FKP_DATA says
    return recipe;
  }

  /// The column's value in the last line of the log.
  double last_value(const std::string& column) {
    std::ifstream log(folder_ / "run" / "log.csv");
    std::string names, line, name, value;
    std::getline(log, names);
    for (std::string next; std::getline(log, next);) line = next;
    std::istringstream heads(names), cells(line);
    while (std::getline(heads, name, ',') && std::getline(cells, value, ','))
      if (name == column) return std::stod(value);
    return -1;
  }

  const test::TemporaryFolder folder_;
};

TEST_F(TrainTest, MakesAModelThatTheRuntimeEvaluates) {
  train(recipe(40), folder_ / "run", false);
  for (const char* file : {"recipe.toml", "log.csv", "checkpoint.pt", "model.pt"})
    EXPECT_TRUE(std::filesystem::exists(folder_ / "run" / file)) << file;
  KeypointNet net({(folder_ / "run" / "model.pt").string(), "cpu", 1});
  EXPECT_EQ(net.description().scheme.name, "mtfl-5");
  EXPECT_EQ(net.description().crop.size, cv::Size(32, 32));
  EXPECT_THAT(net.description().training, testing::HasSubstr("\"seed\":1"));
  const Evaluation e = evaluate(net, read_dataset("ibug:.", folder_.path(), scheme("mtfl-5")).samples, {});
  EXPECT_EQ(e.summary.faces, kPictures);
  EXPECT_LT(e.summary.mean, 12) << "of the eyes' distance: a guess at the middle of the box errs by 40 %";
}

TEST_F(TrainTest, LearnsInBfloat16WhatItLearnsInFloats) {
  Recipe wide = recipe(12), narrow = wide;
  narrow.train.precision = Precision::bf16;
  train(wide, folder_ / "run", false);
  const double error = last_value("nme"), loss = last_value("loss");
  std::filesystem::rename(folder_ / "run", folder_ / "wide");
  train(narrow, folder_ / "run", false);
  EXPECT_NE(loss, last_value("loss")) << "nothing was rounded";
  EXPECT_NEAR(loss, last_value("loss"), 0.2 * loss);
  EXPECT_NEAR(error, last_value("nme"), 0.5 * error);
}

TEST_F(TrainTest, LearnsInBfloat16WhereTheProcessorHasIt) {
  std::ifstream in("/proc/cpuinfo");
  const std::string processor{std::istreambuf_iterator<char>(in), {}};
  const Precision kept = processor.find(" avx512_bf16 ") != std::string::npos ? Precision::bf16 : Precision::fp32;
  std::vector<double> losses;
  for (const Precision precision : {Precision::automatic, kept}) {
    Recipe r = recipe(2);
    r.train.precision = precision;
    train(r, folder_ / "run", false);
    losses.push_back(last_value("loss"));
    std::filesystem::remove_all(folder_ / "run");
  }
  EXPECT_EQ(losses[0], losses[1]);
}

TEST_F(TrainTest, LearnsOnAnyDeviceWhatItLearnsOnTheProcessor) {
  NEEDS_STAND_IN();
  Recipe here = recipe(3), there = here;
  here.train.device = "cpu";
  there.train.device = "xpu:1";
  for (Recipe* r : {&here, &there}) r->train.muon = 0.02;
  train(here, folder_ / "run", false);
  const double error = last_value("nme"), loss = last_value("loss");
  std::filesystem::rename(folder_ / "run", folder_ / "here");

  there.teacher = {folder_ / "here" / "model.pt", 1e-9f};
  train(there, folder_ / "run", false);
  EXPECT_NEAR(loss, last_value("loss"), 0.01 * loss);
  EXPECT_NEAR(error, last_value("nme"), 0.02 * error);
  EXPECT_THAT(test::read(folder_ / "run" / "run.json"), testing::HasSubstr("\"device\": \"xpu:1\""));
  KeypointNet net({(folder_ / "run" / "model.pt").string(), "cpu", 1});
  const Evaluation e = evaluate(net, read_dataset("ibug:.", folder_.path(), scheme("mtfl-5")).samples, {});
  EXPECT_EQ(e.summary.faces, kPictures);
}

TEST_F(TrainTest, GoesOnOnAnotherDevice) {
  NEEDS_STAND_IN();
  Recipe here = recipe(4), there = here;
  here.train.device = "cpu";
  there.train.device = test::kStandIn;
  for (Recipe* r : {&here, &there}) r->train.muon = 0.02;
  train(here, folder_ / "run", false);
  const double error = last_value("nme"), loss = last_value("loss");
  std::filesystem::rename(folder_ / "run", folder_ / "here");

  const auto until = [](double epoch) { return [epoch](double done) { return done >= epoch; }; };
  train(here, folder_ / "run", false, until(1));
  train(there, folder_ / "run", true, until(2.5));
  train(here, folder_ / "run", true);
  EXPECT_NEAR(loss, last_value("loss"), 0.01 * loss);
  EXPECT_NEAR(error, last_value("nme"), 0.02 * error);
}

TEST_F(TrainTest, DrawsAShareOfASetAndValidatesEachSetByItself) {
  Recipe two = recipe(1);
  two.sets = {{"ibug:."}, {"ibug:.", 1, 0.5f}};
  train(two, folder_ / "run", false);
  std::ifstream log(folder_ / "run" / "log.csv");
  std::string header, line;
  std::getline(log, header);
  std::getline(log, line);
  EXPECT_THAT(header, testing::EndsWith("background_refused,ibug:.,ibug:."));
  std::vector<double> values;
  std::istringstream cells(line);
  for (std::string cell; std::getline(cells, cell, ',');) values.push_back(std::stod(cell));
  ASSERT_EQ(values.size(), 9u);
  EXPECT_NEAR(values[3], (values[7] + values[8]) / 2, 1e-3) << "the mean over the sets chooses the weights";
}

TEST_F(TrainTest, GoesOnFromACheckpointToTheSameWeights) {
  Recipe four = recipe(4);
  four.train.muon = 0.02;  // so that both optimisers have a state to restore
  train(four, folder_ / "whole", false);
  train(four, folder_ / "part", false, [](int epochs) { return epochs == 2; });
  EXPECT_NE(test::read(folder_ / "whole" / "log.csv"), test::read(folder_ / "part" / "log.csv"));
  train(four, folder_ / "part", true);
  EXPECT_EQ(test::read(folder_ / "whole" / "log.csv"), test::read(folder_ / "part" / "log.csv"));
  KeypointNet whole({(folder_ / "whole" / "model.pt").string(), "cpu", 1}), part({(folder_ / "part" / "model.pt").string(), "cpu", 1});
  ASSERT_EQ(whole.description().training, part.description().training);
  const auto samples = read_dataset("ibug:.", folder_.path(), scheme("mtfl-5")).samples;
  for (const Sample& s : samples) {
    const std::vector<Region> region{region_of(face_box(s.points), 1.35f)};
    const Look a = whole.look({s.grey}, region)[0], b = part.look({s.grey}, region)[0];
    EXPECT_EQ(a.score, b.score);
    for (std::size_t k = 0; k < a.points.size(); k++) EXPECT_EQ(a.points[k].x, b.points[k].x);
  }
}

TEST_F(TrainTest, MakesANetworkOfLayersThatSeesWholePictures) {
  Recipe layers = recipe(60);
  layers.crop = {{30, 30}, 1, true, Equalise::histogram};
  layers.network.layers = {"conv 8 3", "relu", "maxpool 2", "conv 16 3", "relu", "maxpool 2", "linear 32", "relu", "linear"};
  layers.train.negatives = 0;
  layers.train.loss = Loss::smooth_l1;
  layers.augment = {};
  layers.validation_sets = {"ibug:."};
  train(layers, folder_ / "run", false);
  KeypointNet net({(folder_ / "run" / "model.pt").string(), "cpu", 1});
  EXPECT_TRUE(net.description().crop.whole_picture);
  EXPECT_EQ(net.description().crop.equalise, Equalise::histogram);
  EXPECT_FALSE(net.knows_faces());
  const Evaluation e = evaluate(net, read_dataset("ibug:.", folder_.path(), scheme("mtfl-5")).samples, {});
  EXPECT_EQ(e.summary.faces, kPictures);
  EXPECT_LT(e.summary.mean, 20) << "of the eyes' distance";
  EXPECT_NEAR(e.summary.mean, last_value("nme"), 0.5) << "what training measured, on the set that the recipe validates on";
}

TEST_F(TrainTest, LeavesOutFacesThatLackAPointWhereItIsToldTo) {
  Recipe complete = recipe(1);
  complete.train.masked = false;
  std::string text = "file,x,y\n";
  for (int i = 0; i < kPictures; i++) text += std::to_string(i) + "_1.png,10,10,40,10,,,20,40,30,40\n";
  test::write(folder_ / "all.csv", text);
  complete.sets = {{"csv:all.csv"}};
  try {
    train(complete, folder_ / "run", false);
    FAIL() << "nothing is complete";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("masked = true"));
  }
  complete.sets.push_back({"ibug:."});
  EXPECT_NO_THROW(train(complete, folder_ / "run", false));
}

TEST_F(TrainTest, TakesNoBackgroundFromWhatItHoldsOut) {
  std::filesystem::create_directory(folder_ / "images");
  std::string list;
  for (const char* name : {"3_1.png", "5_2.png", "other_1.png"}) {  // other faces of the pictures 3 and 5, and a picture of its own
    std::filesystem::copy_file(folder_ / "0_1.png", folder_ / "images" / name);
    list += std::string(name) + "\n0\n";
  }
  test::write(folder_ / "list.txt", list);
  Recipe one = recipe(1);
  one.backgrounds = {"wider:list.txt"};
  std::vector<Sample> held_out(1);
  held_out[0].group = "5";
  std::vector<std::string> groups;
  for (const Picture& p : read_others(one.backgrounds, one, held_out).pictures) groups.push_back(p.group);
  EXPECT_THAT(groups, testing::ElementsAre("3", "other_1"));
  held_out[0] = {"somewhere/other_1.png", "other", {}, {}};  // a person, whom a list does not know
  EXPECT_EQ(read_others(one.backgrounds, one, held_out).pictures.size(), 2U);
  EXPECT_NO_THROW(train(one, folder_ / "run", false));
}

TEST_F(TrainTest, StartsFromTheWeightsOfAnotherRun) {
  train(recipe(1), folder_ / "first", false);
  Recipe second = recipe(1);
  second.network.start = folder_ / "first" / "model.pt";
  second.seed = 2;  // other weights to start from without the first's
  second.train.lr = 1e-12;
  second.train.weight_decay = 0;
  train(second, folder_ / "second", false);
  second.network.start.clear();
  train(second, folder_ / "alone", false);
  const auto weights_of = [&](const char* run) {
    std::vector<torch::Tensor> all;
    for (const torch::Tensor& t : torch::jit::load((folder_ / run / "model.pt").string()).parameters()) all.push_back(t.flatten());
    return torch::cat(all);
  };
  const torch::Tensor first = weights_of("first"), again = weights_of("second"), alone = weights_of("alone");
  ASSERT_GT(first.numel(), 0);
  EXPECT_LT((first - again).norm().item<float>(), 0.05f * (first - alone).norm().item<float>());
}

TEST_F(TrainTest, LearnsFromATeacher) {
  train(recipe(1), folder_ / "first", false);
  Recipe second = recipe(1);
  second.teacher = {folder_ / "first" / "model.pt", 1};
  train(second, folder_ / "second", false);
  const auto losses = [&](const char* run) { return test::read(folder_ / run / "log.csv"); };
  EXPECT_NE(losses("first"), losses("second")) << "all else is the same";
  EXPECT_THAT(KeypointNet({(folder_ / "second" / "model.pt").string(), "cpu", 1}).description().training, testing::HasSubstr("teacher"));
}

TEST_F(TrainTest, LearnsFacesWithoutPointsFromATeacher) {
  train(recipe(40), folder_ / "first", false);
  std::filesystem::create_directory(folder_ / "images");
  std::string list;
  for (const Sample& s : read_dataset("ibug:.", folder_.path(), scheme("mtfl-5")).samples) {
    const std::string name = std::filesystem::path(s.picture).stem().string() + ".png";
    std::filesystem::copy_file(folder_ / name, folder_ / "images" / ("new" + name));
    const cv::Rect2f square = face_box(s.points), box(square.x, square.y - 0.33f * square.height, square.width, 1.33f * square.height);
    list += cv::format("new%s\n2\n%f %f %f %f 0 0 0 0 0 0\n3 3 20 20 0 0 0 0 0 0\n", name.c_str(), box.x + 0.5, box.y + 0.5, box.width,
                       box.height);
  }
  list += "missing.png\n1\n10 10 50 50 0 0 0 0 0 0\n";
  test::write(folder_ / "list.txt", list);
  Recipe second = recipe(1);
  second.sets.push_back({"wider:list.txt"});
  const auto error = [&](const Recipe& recipe) {
    try {
      train(recipe, folder_ / "run", false);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_THAT(error(second), testing::AllOf(testing::HasSubstr("wider:list.txt"), testing::HasSubstr("[teacher]")));
  second.teacher = {folder_ / "first" / "model.pt", 1};
  EXPECT_EQ(error(second), "");
  EXPECT_THAT(KeypointNet({(folder_ / "run" / "model.pt").string(), "cpu", 1}).description().training, testing::HasSubstr("\"faces\":43,"))
      << "of twice 24 faces, those of 5 pictures are held out";
  EXPECT_THAT(test::read(folder_ / "run" / "report.html"),
              testing::HasSubstr("wider:list.txt</td><td class=\"n\">24</td><td class=\"n\">0</td><td class=\"n\">1</td>"));
  EXPECT_THAT(test::read(folder_ / "run" / "log.csv"), testing::Not(testing::HasSubstr("wider"))) << "nothing of it is measured";
  std::filesystem::remove_all(folder_ / "run");

  second.validation_sets = {"wider:list.txt"};
  EXPECT_THAT(error(second), testing::HasSubstr("no points"));
  second.validation_sets.clear();
  std::swap(second.sets[0], second.sets[1]);
  second.other_schemes = {scheme("nose-1")};
  EXPECT_EQ(with_scheme_of_data(second).scheme.name, "mtfl-5");
  second.sets.pop_back();
  second.other_schemes.clear();
  EXPECT_THAT(error(second), testing::HasSubstr("no set has points"));
}

TEST_F(TrainTest, StopsWhenTheLossIsNoNumber) {
  Recipe wild = recipe(3);
  wild.train.lr = 1e30;
  try {
    train(wild, folder_ / "run", false);
    FAIL() << "it went on";
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("lower [train] lr"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run" / "model.pt")) << "no epoch ended well";
}

TEST_F(TrainTest, StopsWhenTheNetworkGivesNoNumbers) {
  const Recipe one = recipe(1);
  const Workers alone;
  const auto task = make_keypoint_task(one, alone);
  const auto network = task->make_network();
  network->eval();
  const torch::NoGradGuard no_grad;
  EXPECT_GT(task->validate(*network).error, 0);
  for (auto& p : network->parameters()) p.fill_(NAN);
  EXPECT_THROW(task->validate(*network), Diverged);
}

TEST_F(TrainTest, KeepsARunThatIsThere) {
  train(recipe(1), folder_ / "run", false);
  const std::string model = test::read(folder_ / "run" / "model.pt");
  EXPECT_THROW(train(recipe(1), folder_ / "run", false), Error);
  EXPECT_EQ(test::read(folder_ / "run" / "model.pt"), model);
}

TEST_F(TrainTest, CannotResumeWhatNeverRan) { EXPECT_THROW(train(recipe(1), folder_ / "none", true), Error); }

TEST(Batch, TakesNoPointsFromACropWithoutAFace) {
  Batch batch;
  Crop crop{cv::Mat(2, 2, CV_8UC1, cv::Scalar(7)), {}, {{1, 2}}};
  batch.append(crop, 0.5f);
  crop.face = false;
  batch.append(crop, 0.5f);
  EXPECT_EQ(batch.count, 2);
  EXPECT_EQ(batch.weight, (std::vector<float>{0.5f, 0}));
  EXPECT_EQ(batch.face, (std::vector<float>{1, 0}));
  EXPECT_EQ(batch.clean, batch.pixels) << "what has not been degraded";
}

}  // namespace
}  // namespace fkp
