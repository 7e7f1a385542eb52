// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/distributed.h"

#include <gmock/gmock.h>

#include <array>
#include <map>

#include "data/keypoint_data.h"
#include "drawn_hands.h"
#include "fkp/core/error.h"
#include "net/weights_file.h"
#include "support/child.h"
#include "support/free_port.h"
#include "train/keypoint_loss.h"
#include "train/train.h"

namespace fkp {
namespace {

using test::Process;
using testing::HasSubstr;

TEST(Place, IsWhatTheLauncherSays) {
  const std::vector<std::array<const char*, 4>> launchers{
      {"RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "LOCAL_RANK"},
      {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"},
      {"PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", "MPI_LOCALRANKID"}};
  EXPECT_EQ(place_in_environment().size, 1);
  setenv("MASTER_ADDR", "head", 1);
  setenv("MASTER_PORT", "29500", 1);
  for (const auto& [rank, size, beside, turn] : launchers) {
    setenv(rank, "2", 1);
    setenv(size, "4", 1);
    setenv(beside, "3", 1);
    setenv(turn, "1", 1);
    const Place place = place_in_environment();
    EXPECT_EQ(place.rank, 2) << rank;
    EXPECT_EQ(place.size, 4) << size;
    EXPECT_EQ(place.beside, 3) << beside;
    EXPECT_EQ(place.turn, 1) << turn;
    EXPECT_EQ(place.address, "head");
    EXPECT_EQ(place.port, 29500);
    for (const char* wrong : {"4", "-1", "two", ""}) {
      setenv(rank, wrong, 1);
      EXPECT_THROW(place_in_environment(), Error) << rank << "=" << wrong;
    }
    setenv(rank, "2", 1);
    unsetenv("MASTER_PORT");
    EXPECT_THROW(place_in_environment(), Error) << "there is no place to meet";
    setenv("MASTER_PORT", "29500", 1);
    for (const char* name : {rank, size, beside, turn}) unsetenv(name);
  }
  unsetenv("MASTER_ADDR");
  unsetenv("MASTER_PORT");
}

TEST(Shards, AreDisjointAndTogetherTheLargeBatch) {
  Recipe recipe;
  recipe.scheme = scheme("mtfl-5");
  recipe.sets = {{"a", 1, 0.5f}, {"b"}};
  recipe.augment.rotation = 5;
  std::vector<Sample> samples;
  cv::RNG rng(7);
  for (int i = 0; i < 50; i++) {
    Sample s{std::to_string(i), "", cv::Mat(80, 80, CV_8UC1), {{20, 20}, {50, 20}, {35, 35}, {25, 50}, {45, 50}}, i % 2};
    rng.fill(s.grey, cv::RNG::UNIFORM, 0, 255);
    samples.push_back(s);
  }
  for (const int workers : {2, 3, 4}) {
    recipe.train.batch = 12 / workers;
    std::vector<std::unique_ptr<Batches>> shards;
    for (int rank = 0; rank < workers; rank++) shards.push_back(std::make_unique<Batches>(recipe, samples, rank, workers));
    recipe.train.batch = 12;
    const Batches large(recipe, samples);
    const auto order = large.order(3);
    ASSERT_EQ(shards[0]->count(), large.count());
    for (int index = 0; index < large.count(); index++) {
      const Batch whole = large.make(3, order, index);
      ASSERT_EQ(whole.count, 12);
      std::vector<std::uint8_t> pixels;
      std::vector<float> points;
      recipe.train.batch = 12 / workers;
      std::vector<Batch> parts;
      for (const auto& shard : shards) parts.push_back(shard->make(3, order, index));
      recipe.train.batch = 12;
      const std::size_t crop = whole.pixels.size() / 12, numbers = whole.points.size() / 12;
      for (std::size_t i = 0; i < 12; i++) {
        const Batch& part = parts[i % static_cast<std::size_t>(workers)];
        const std::size_t at = i / static_cast<std::size_t>(workers);
        ASSERT_EQ(part.count, 12 / workers);
        pixels.insert(pixels.end(), part.pixels.begin() + static_cast<std::ptrdiff_t>(at * crop),
                      part.pixels.begin() + static_cast<std::ptrdiff_t>((at + 1) * crop));
        points.insert(points.end(), part.points.begin() + static_cast<std::ptrdiff_t>(at * numbers),
                      part.points.begin() + static_cast<std::ptrdiff_t>((at + 1) * numbers));
      }
      EXPECT_EQ(pixels, whole.pixels) << workers << " workers, batch " << index;
      EXPECT_EQ(points, whole.points);
    }
  }
  EXPECT_THROW(Batches(recipe, samples, 0, 60), Error) << "37 samples for 60 workers";
}

/// A batch of crops, one without a face and some with unknown points, and a network's output for it.
std::pair<NetOutput, Truth> batch_of(int crops) {
  torch::manual_seed(2);
  NetOutput out;
  out.points = torch::rand({crops, 5, 2}) * 30;
  out.confidence = torch::randn({crops, 5});
  out.score = torch::randn({crops});
  out.maps = torch::randn({crops, 5, 4, 4});
  out.grid = torch::rand({2, 4, 4}) * 30;
  Truth truth{torch::rand({crops, 5, 2}) * 30, torch::rand({crops}) + 0.2, torch::ones({crops})};
  truth.weight[1] = truth.face[1] = 0;
  truth.points[2][3] = std::nanf("");
  for (auto* t : {&out.points, &out.confidence, &out.score, &out.maps}) t->set_requires_grad(true);
  return {out, truth};
}

/// Every `step`-th crop of it, starting at `first`.
NetOutput part_of(const NetOutput& out, int first, int step) {
  NetOutput part = out;
  for (auto* t : {&part.points, &part.confidence, &part.score, &part.maps}) *t = t->slice(0, first, c10::nullopt, step);
  part.log_sum = part.maps.logsumexp({2, 3});
  return part;
}

TEST(Shards, HaveLossesThatAddUpToThatOfTheLargeBatch) {
  constexpr int kCrops = 8;
  const auto [out, truth] = batch_of(kCrops);
  const auto whole = loss_of(part_of(out, 0, 1), truth, {}, {32, 32});
  whole.backward();
  const std::vector<torch::Tensor> leaves{out.points, out.confidence, out.score, out.maps};
  std::vector<torch::Tensor> gradients;
  for (auto leaf : leaves) {
    gradients.push_back(leaf.grad().clone());
    leaf.mutable_grad().zero_();
  }
  double sum = 0;
  for (int rank = 0; rank < 3; rank++) {  // the last one has two crops, the others three
    const auto part = [rank](const torch::Tensor& t) { return t.slice(0, rank, c10::nullopt, 3); };
    const Truth truth_of_part{part(truth.points), part(truth.weight), part(truth.face),
                              part(truth.weight).sum().item<double>() / truth.weight.sum().item<double>(),
                              static_cast<double>(part(truth.face).size(0)) / kCrops};
    const auto loss = loss_of(part_of(out, rank, 3), truth_of_part, {}, {32, 32});
    loss.backward();
    sum += loss.item<double>();
  }
  EXPECT_NEAR(sum, whole.item<double>(), 1e-5);
  for (std::size_t i = 0; i < leaves.size(); i++) EXPECT_LT((leaves[i].grad() - gradients[i]).abs().max().item<double>(), 1e-6) << i;
}

#if FKP_GLOO

/// The program, in several processes.
class Distributed : public testing::TestWithParam<int> {
 protected:
  /// Two sets of different weight, with some unknown points. SGD without batch norm, so that N processes get the same result as one
  /// with batches N times as large.
  Distributed() {
    unsetenv("FKP_DATA");
    std::istringstream csv(test::read(hands_ / "hands.csv"));
    std::string line, header;
    std::getline(csv, header);
    std::map<bool, std::string> sets{{false, header + '\n'}, {true, header + '\n'}};
    for (int i = 0; std::getline(csv, line) && i < test::DrawnHands::kPictures; i++) {
      if (i % 3 == 0) line = line.substr(0, line.rfind(',', line.rfind(',') - 1)) + ",,";
      sets[i % 5 < 2] += line + '\n';
    }
    test::write(hands_ / "a.csv", sets[false]);
    test::write(hands_ / "b.csv", sets[true]);
    const std::string hands = test::read(hands_ / "hands.toml");
    test::write(hands_ / "plain.toml",
                hands.substr(0, hands.find("[data]")) +
                    "[data]\nroot = \".\"\ntrain = [\"csv:a.csv\", { set = \"csv:b.csv\", weight = 0.3 }]\nvalidation = 0.2\n"
                    "[augment]\nrotation = 5\nscale = 0.08\n[network]\ninput = 64\n"
                    "layers = [\"conv 8 5 stride 2\", \"relu\", \"conv 12 3 stride 2\", \"relu\", \"linear 32\", \"relu\", \"linear\"]\n"
                    "[train]\noptimizer = \"sgd\"\nlr = 3e-4\nbatch = 12\nema = 0.9\nwarmup = 1\nthreads = 1\nepochs = 5\n");
  }

  /// Starts worker `rank` of a training.
  std::unique_ptr<Process> start(int rank, int size, int port, const std::string& recipe, std::vector<std::string> arguments) {
    std::vector<std::string> all{"env",
                                 "RANK=" + std::to_string(rank),
                                 "WORLD_SIZE=" + std::to_string(size),
                                 "LOCAL_WORLD_SIZE=" + std::to_string(size),
                                 "MASTER_ADDR=127.0.0.1",
                                 "MASTER_PORT=" + std::to_string(port),
                                 FKP_TRAIN,
                                 "train",
                                 path(recipe)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return std::make_unique<Process>(all, hands_.path(), "worker" + std::to_string(rank));
  }
  std::vector<std::unique_ptr<Process>> start(int size, const std::string& recipe, const std::vector<std::string>& arguments) {
    std::vector<std::unique_ptr<Process>> workers;
    const int port = test::free_port();
    for (int rank = 0; rank < size; rank++) workers.push_back(start(rank, size, port, recipe, arguments));
    return workers;
  }
  void train_alone(const std::string& run, const std::string& batch) {
    Process process({FKP_TRAIN, "train", path("plain.toml"), "-o", path(run), "--set", "train.batch=" + batch}, hands_.path(), "alone");
    ASSERT_EQ(process.wait(), 0) << process.err();
  }
  void train_in(int size, const std::string& recipe, const std::vector<std::string>& arguments) {
    for (auto& worker : start(size, recipe, arguments)) EXPECT_EQ(worker->wait(), 0) << worker->err();
  }
  void wait_for_an_epoch(const std::string& run) {
    test::wait_until([&] { return std::filesystem::exists(hands_ / (run + "/checkpoint.pt")); }, "the first epoch's checkpoint");
  }

  std::string path(const std::string& name) const { return (hands_ / name).string(); }
  std::string file(const std::string& name) const { return test::read(hands_ / name); }

  /// The losses and the errors of a run, epoch by epoch.
  std::vector<double> curve(const std::string& run) const {
    std::vector<double> values;
    std::istringstream log(file(run + "/log.csv"));
    std::string line, cell;
    std::getline(log, line);
    while (std::getline(log, line)) {
      std::istringstream cells(line);
      while (std::getline(cells, cell, ',')) values.push_back(std::stod(cell));
    }
    return values;
  }

  const test::DrawnHands hands_;
};

TEST_P(Distributed, EqualsOneProcessWithTheLargeBatch) {
  train_alone("one", "12");
  train_in(GetParam(), "plain.toml", {"-o", path("many"), "--set", "train.batch=" + std::to_string(12 / GetParam())});
  const auto one = curve("one"), many = curve("many");
  EXPECT_LT(one[one.size() - 5], one[2] * 0.9) << "it has learnt something";
  ASSERT_EQ(one.size(), many.size());
  ASSERT_GT(one.size(), 20u);
  for (std::size_t i = 0; i < one.size(); i++) EXPECT_NEAR(many[i], one[i], 1e-5 * std::max(1., one[i])) << "number " << i << " of log.csv";
  const Weights large = read_weights(hands_ / "one/checkpoint.pt"), shared = read_weights(hands_ / "many/checkpoint.pt");
  ASSERT_GE(large.size(), 8u);
  for (const auto& [name, weight] : large) EXPECT_LT((weight - shared.at(name)).abs().max().item<double>(), 1e-5) << name;
}

INSTANTIATE_TEST_SUITE_P(Processes, Distributed, testing::Values(2, 3, 4));

TEST_F(Distributed, EndsWithTheRankOfAWorkerThatWasKilledAndGoesOn) {
  // The shipped network: batch norm, AdamW with Muon, crops without a face.
  const auto arguments = [this](const char* run) {
    return std::vector<std::string>{"-o", path(run), "--epochs", "12", "--set", "train.muon=0.02", "--timeout", "60"};
  };
  train_in(3, "hands.toml", arguments("whole"));
  {
    auto workers = start(3, "hands.toml", arguments("part"));
    wait_for_an_epoch("part");
    workers[1]->signal(SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    EXPECT_EQ(workers[1]->wait(), -SIGKILL);
    for (const int other : {0, 2}) {
      EXPECT_EQ(workers[other]->wait(), 1) << other;
      EXPECT_THAT(workers[other]->err(), HasSubstr("worker 1 is lost: silent for"));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - killed, std::chrono::seconds(60));
    EXPECT_THAT(workers[0]->err(), HasSubstr("what was saved before is whole: " + path("part/checkpoint.pt")));
  }
  EXPECT_THAT(file("part/run.json"), HasSubstr("worker 1 is lost"));
  EXPECT_NE(file("whole/log.csv"), file("part/log.csv"));
  auto more = arguments("part");
  more.push_back("--resume");
  train_in(3, "hands.toml", more);
  EXPECT_EQ(file("whole/log.csv"), file("part/log.csv"));
  EXPECT_TRUE(file("whole/model.pt") == file("part/model.pt")) << "bit for bit";
}

TEST_F(Distributed, NeedsOneRecipeForAll) {
  const int port = test::free_port();
  auto first = start(0, 2, port, "plain.toml", {"-o", path("run")});
  auto second = start(1, 2, port, "plain.toml", {"-o", path("run"), "--set", "train.lr=1e-9", "--set", "train.threads=2"});
  for (Process* worker : {first.get(), second.get()}) {
    EXPECT_EQ(worker->wait(), 1);
    EXPECT_THAT(worker->err(), HasSubstr("worker 1 has a recipe with another train.lr than worker 0"));
  }
}

TEST_F(Distributed, EndsWithTheRankOfWorkerZeroThatWasKilled) {
  auto workers = start(3, "hands.toml", {"-o", path("run"), "--epochs", "1000"});
  wait_for_an_epoch("run");
  workers[0]->signal(SIGKILL);
  EXPECT_EQ(workers[0]->wait(), -SIGKILL);
  for (const int other : {1, 2}) {
    EXPECT_EQ(workers[other]->wait(), 1);
    EXPECT_THAT(workers[other]->err(), HasSubstr("worker 0 is lost"));
  }
}

TEST_F(Distributed, EndsWithTheRankOfAWorkerThatHangs) {
  auto workers = start(3, "hands.toml", {"-o", path("run"), "--epochs", "1000", "--timeout", "8"});
  wait_for_an_epoch("run");
  workers[2]->signal(SIGSTOP);
  for (const int other : {0, 1}) {
    EXPECT_EQ(workers[other]->wait(), 1);
    EXPECT_THAT(workers[other]->err(), HasSubstr("worker 2 is lost: silent for"));
  }
}

TEST_F(Distributed, StopsWhereOneIsAskedToAndGoesOnToTheSameWeights) {
  train_in(2, "plain.toml", {"-o", path("whole"), "--set", "train.batch=2", "--epochs", "8"});
  {
    auto workers = start(2, "plain.toml", {"-o", path("part"), "--set", "train.batch=2", "--epochs", "8"});
    wait_for_an_epoch("part");
    workers[1]->signal(SIGINT);
    for (const auto& worker : workers) EXPECT_EQ(worker->wait(), 128 + SIGINT) << worker->err();
    EXPECT_THAT(workers[0]->err(), HasSubstr("go on with --resume"));
    EXPECT_EQ(workers[1]->err(), "");
  }
  train_in(2, "plain.toml", {"-o", path("part"), "--set", "train.batch=2", "--epochs", "8", "--resume"});
  EXPECT_EQ(file("whole/log.csv"), file("part/log.csv"));
  EXPECT_TRUE(file("whole/model.pt") == file("part/model.pt")) << "bit for bit";
}

TEST_F(Distributed, SaysWhatAWorkerEndedOf) {
  const int port = test::free_port();
  const auto first = start(0, 2, port, "plain.toml", {"-o", path("run")});
  const auto second = start(1, 2, port, "plain.toml", {"-o", path("run"), "--set", "data.root='absent'"});
  EXPECT_EQ(second->wait(), 1);
  EXPECT_EQ(first->wait(), 1);
  EXPECT_THAT(second->err(), HasSubstr("absent/a.csv"));
  EXPECT_THAT(first->err(), testing::AllOf(HasSubstr("worker 1 ended: "), HasSubstr("absent/a.csv")));
}

TEST_F(Distributed, RefusesWorkersWithOtherData) {
  // The first rows alone, of the same pictures.
  std::filesystem::create_directory(hands_ / "other");
  for (const auto& entry : std::filesystem::directory_iterator(hands_.path()))
    if (entry.path().extension() == ".png") std::filesystem::create_symlink(entry.path(), hands_ / "other" / entry.path().filename());
  const std::string rows = file("a.csv");
  test::write(hands_ / "other/a.csv", rows.substr(0, rows.find('\n', rows.size() / 2) + 1));
  test::write(hands_ / "other/b.csv", file("b.csv"));
  const int port = test::free_port();
  const auto first = start(0, 2, port, "plain.toml", {"-o", path("run")});
  const auto second = start(1, 2, port, "plain.toml", {"-o", path("run"), "--set", "data.root='other'"});
  for (const auto& worker : {first.get(), second.get()}) {
    EXPECT_EQ(worker->wait(), 1);
    EXPECT_THAT(worker->err(), HasSubstr("the same recipe needs the same data"));
  }
  EXPECT_FALSE(std::filesystem::exists(hands_ / "run/log.csv"));
}

TEST_F(Distributed, NamesWhoDoesNotCome) {
  const auto first = start(0, 3, test::free_port(), "plain.toml", {"-o", path("run"), "--timeout", "2"});
  EXPECT_EQ(first->wait(), 1);
  EXPECT_THAT(first->err(), testing::AllOf(HasSubstr("did not come"), HasSubstr(": 1, 2")));
}

TEST_F(Distributed, GoesOnInMidEpochWithAsManyProcessesOnly) {
  train(read_recipe(hands_ / "plain.toml"), hands_ / "run", false, [](double done) { return done > 0 && done < 1; });
  auto workers = start(2, "plain.toml", {"-o", path("run"), "--resume"});
  for (const auto& worker : workers) EXPECT_EQ(worker->wait(), 1);
  EXPECT_THAT(workers[0]->err(), HasSubstr("written in mid-epoch by 1 process"));
}

#else

TEST(Workers, AreRefusedWithoutGloo) {
  Place place;
  place.size = 2;
  EXPECT_THROW(Workers(place, std::chrono::seconds(1)), Error);
  EXPECT_EQ(Workers().sum({3})[0], 3);
}

#endif

}  // namespace
}  // namespace fkp
