// SPDX-License-Identifier: LGPL-2.1-or-later
// The program itself, as a user runs it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "drawn_hands.h"
#include "support/child.h"

namespace fkp {
namespace {

using nlohmann::json;
using test::Process;
using testing::HasSubstr;

class Program : public testing::Test {
 protected:
  Program() { unsetenv("FKP_DATA"); }

  /// Runs fkp-train in the folder of the hands; returns its exit status.
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), FKP_TRAIN);
    Process process(arguments, hands_.path(), "program");
    const int status = process.wait();
    out_ = process.out();
    err_ = process.err();
    return status;
  }
  /// The same, with file sizes limited to `kilobytes` units of 1024 bytes.
  int run_limited(int kilobytes, const std::string& arguments) {
    Process process({"bash", "-c", "ulimit -f " + std::to_string(kilobytes) + "; exec " FKP_TRAIN " " + arguments}, hands_.path(),
                    "program");
    const int status = process.wait();
    err_ = process.err();
    return status;
  }
  std::string path(const std::string& name) const { return (hands_ / name).string(); }
  std::string file(const std::string& name) const { return test::read(hands_ / name); }
  json facts(const std::string& run) const { return json::parse(file(run + "/run.json")); }
  std::string recipe() const { return path("hands.toml"); }

  const test::DrawnHands hands_;
  std::string out_, err_;
};

TEST_F(Program, StopsInMidEpochAndGoesOnToTheSameWeights) {
  ASSERT_EQ(run({"train", recipe(), "-o", path("whole")}), 0) << err_;
  {
    Process process({FKP_TRAIN, "train", recipe(), "-o", path("part")}, hands_.path(), "part");
    // The second epoch begins once the checkpoint of the first exists.
    test::wait_until([&] { return std::filesystem::exists(hands_ / "part/checkpoint.pt"); }, "the first epoch's checkpoint");
    process.signal(SIGINT);
    process.signal(SIGINT);  // as `timeout` does, which is no second Ctrl-C
    EXPECT_EQ(process.wait(), 128 + SIGINT);
    EXPECT_THAT(process.err(), HasSubstr("go on with --resume"));
  }
  EXPECT_EQ(facts("part")["state"], "stopped");
  EXPECT_EQ(run({"train", recipe(), "-o", path("part"), "--resume"}), 0) << err_;
  EXPECT_EQ(facts("part")["state"], "finished");
  EXPECT_EQ(file("whole/log.csv"), file("part/log.csv"));
  EXPECT_TRUE(file("whole/model.pt") == file("part/model.pt")) << "bit for bit";
}

/// The size of the first picture in a packed set.
cv::Size packed_size(const std::string& pack) {
  const std::size_t head = pack.find('\n') + 1, pictures = pack.find('\n', head) + 1;
  const auto bytes = json::parse(pack.substr(head, pictures - head))["faces"][0]["bytes"].get<std::size_t>();
  const std::string picture = pack.substr(pictures, bytes);
  return cv::imdecode(std::vector<char>(picture.begin(), picture.end()), cv::IMREAD_GRAYSCALE).size();
}

TEST_F(Program, PacksWhatARecipeLooksAt) {
  std::string whole = file("hands.toml");
  whole.replace(whole.find("validation ="), 0, "crop = \"picture\"\n");
  whole.replace(whole.find("negatives = 0.1"), 15, "negatives = 0");
  test::write(hands_ / "whole.toml", whole);
  ASSERT_EQ(run({"pack", path("hands.toml"), "--margin", "1", "-o", path("faces.pack")}), 0) << err_;
  ASSERT_EQ(run({"pack", path("whole.toml"), "--margin", "1", "-o", path("whole.pack")}), 0) << err_;
  EXPECT_LT(packed_size(file("faces.pack")).height, test::DrawnHands::kSide);
  EXPECT_EQ(packed_size(file("whole.pack")), cv::Size(test::DrawnHands::kSide, test::DrawnHands::kSide));
}

TEST_F(Program, KeepsTheLastGoodCheckpointOnAFullDisk) {
  ASSERT_EQ(run({"train", recipe(), "-o", path("whole")}), 0) << err_;
  // One epoch of three, with all its files complete.
  {
    Process process({FKP_TRAIN, "train", recipe(), "-o", path("part")}, hands_.path(), "part");
    test::wait_until([&] { return std::filesystem::exists(hands_ / "part/checkpoint.pt"); }, "the first epoch's checkpoint");
    process.signal(SIGINT);
    ASSERT_EQ(process.wait(), 128 + SIGINT);
  }
  const std::string checkpoint = file("part/checkpoint.pt");
  ASSERT_GT(checkpoint.size(), 40u << 10);
  EXPECT_EQ(run_limited(20, "train " + recipe() + " -o " + path("part") + " --resume"), 1) << err_;
  EXPECT_THAT(err_, HasSubstr("is the disk full?"));
  EXPECT_THAT(err_, HasSubstr("what was saved before is whole: " + path("part/checkpoint.pt")));
  EXPECT_TRUE(file("part/checkpoint.pt") == checkpoint);
  for (const auto& entry : std::filesystem::directory_iterator(hands_ / "part")) EXPECT_NE(entry.path().extension(), ".part");
  // With space again, as if nothing had happened.
  EXPECT_EQ(run({"train", recipe(), "-o", path("part"), "--resume"}), 0) << err_;
  EXPECT_EQ(file("whole/log.csv"), file("part/log.csv"));
  EXPECT_TRUE(file("whole/model.pt") == file("part/model.pt"));
}

TEST_F(Program, ResumesOnlyWhatTheRecipeSays) {
  ASSERT_EQ(run({"train", recipe(), "-o", path("run"), "--epochs", "1"}), 0) << err_;
  const std::string record = file("run/recipe.toml");
  EXPECT_EQ(run({"train", recipe(), "-o", path("run"), "--resume", "--set", "data.validation=0.4", "--set", "seed=7"}), 1);
  EXPECT_THAT(err_, HasSubstr("was trained with another data.validation, seed"));
  EXPECT_EQ(file("run/recipe.toml"), record);
  EXPECT_EQ(run({"train", recipe(), "-o", path("run"), "--resume", "--epochs", "2", "--set", "train.lr=2e-3"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("goes on with another train.epochs, train.lr than before"));
}

TEST_F(Program, ResumesOnTheSameDataOnly) {
  ASSERT_EQ(run({"train", recipe(), "-o", path("run"), "--epochs", "1"}), 0) << err_;
  std::filesystem::rename(path("hand3_0.png"), path("away"));
  EXPECT_EQ(run({"train", recipe(), "-o", path("run"), "--resume", "--epochs", "2"}), 1);
  EXPECT_THAT(err_, HasSubstr("others are held out: restore the sets"));
  std::filesystem::rename(path("away"), path("hand3_0.png"));
  EXPECT_EQ(run({"train", recipe(), "-o", path("run"), "--resume", "--epochs", "2"}), 0) << err_;
}

TEST_F(Program, SavesThoughNobodyReadsWhatItSays) {
  // Ctrl-C ends `tee`, too.
  Process process({"bash", "-c", "exec \"$@\" 2> >(head -c 1 >/dev/null)", "bash", FKP_TRAIN, "train", recipe(), "-o", path("run")},
                  hands_.path(), "unread");
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(facts("run")["state"], "finished");
}

TEST_F(Program, MendsTheRecordOfARunThatItResumes) {
  ASSERT_EQ(run({"train", recipe(), "-o", path("run"), "--epochs", "2"}), 0) << err_;
  const std::string log = file("run/log.csv");
  test::write(hands_ / "run/log.csv", log + "3,0.0012,5");  // as a power cut leaves it
  std::filesystem::remove(hands_ / "run/run.json");         // as a full disk
  ASSERT_EQ(run({"train", recipe(), "-o", path("run"), "--resume", "--epochs", "2"}), 0) << err_;
  EXPECT_EQ(file("run/log.csv"), log);
  EXPECT_EQ(facts("run")["state"], "finished");
  std::filesystem::remove(hands_ / "run/checkpoint.pt");
  EXPECT_EQ(run({"train", recipe(), "-o", path("run")}), 1) << "its model is not overwritten";
  EXPECT_THAT(err_, HasSubstr("holds a run already"));
}

TEST_F(Program, BeginsARunAgainThatBrokeOffBeforeItsFirstCheckpoint) {
  ASSERT_EQ(run({"train", recipe(), "-o", path("run"), "--epochs", "2"}), 0) << err_;
  std::filesystem::remove(hands_ / "run/checkpoint.pt");  // as a full disk leaves it
  auto broken = facts("run");
  broken["state"] = "running";
  test::write(hands_ / "run/run.json", broken.dump());
  EXPECT_EQ(run({"train", recipe(), "-o", path("run"), "--epochs", "1"}), 0) << err_;
  EXPECT_EQ(facts("run")["state"], "finished");
}

TEST_F(Program, RepeatsARunFromItsOwnRecipe) {
  ASSERT_EQ(run({"train", recipe(), "-o", path("first"), "--set", "train.lr=5e-3", "--epochs", "1"}), 0) << err_;
  EXPECT_THAT(file("first/recipe.toml"), HasSubstr("lr = 5e-3  # high"));
  ASSERT_EQ(run({"train", path("first/recipe.toml"), "-o", path("second")}), 0) << err_;
  EXPECT_EQ(file("first/log.csv"), file("second/log.csv"));
  EXPECT_EQ(file("first/recipe.toml"), file("second/recipe.toml"));
  setenv("FKP_DATA", "/nowhere", 1);
  EXPECT_EQ(run({"train", path("first/recipe.toml"), "-o", path("third")}), 0) << "the recipe names its data in full: " << err_;
  unsetenv("FKP_DATA");
}

TEST_F(Program, SweepsNoTwoRunsIntoOneFolder) {
  EXPECT_EQ(run({"sweep", recipe(), "-o", path("sweep"), "--set", R"(data.train=["csv:hands.csv"],['csv:hands.csv'])"}), 2);
  EXPECT_THAT(err_, HasSubstr("two of its runs would have the folder"));
  EXPECT_FALSE(std::filesystem::exists(path("sweep")));
}

TEST_F(Program, SweepsAllCombinationsAndKeepsWhatIsDone) {
  const std::vector<std::string> command{"sweep",       recipe(),   "--set", "train.lr=1e-2,1e-3,1e30", "--set", "train.batch=8,4", "-o",
                                         path("sweep"), "--epochs", "1"};
  ASSERT_EQ(run(command), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("lr=1e30_batch=4: the loss is no number any more"));
  const std::string page = file("sweep/report.html");
  for (const char* name : {"lr=1e-2_batch=8", "lr=1e-3_batch=4", "lr=1e30_batch=8"}) {
    EXPECT_THAT(page, HasSubstr(name));
    EXPECT_TRUE(std::filesystem::exists(hands_ / "sweep" / name / "report.html")) << name;
  }
  EXPECT_LT(page.find("<td>lr=1e-2_batch=4"), page.find("<td>lr=1e30_batch=4")) << "what diverged is last";
  const auto written = std::filesystem::last_write_time(hands_ / "sweep/lr=1e-2_batch=8/model.pt");
  ASSERT_EQ(run(command), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("lr=1e-2_batch=8: done already"));
  EXPECT_EQ(std::filesystem::last_write_time(hands_ / "sweep/lr=1e-2_batch=8/model.pt"), written);
  EXPECT_EQ(run({"sweep", recipe(), "--set", "train.lr=1e-2", "--set", "train.batch=8", "-o", path("sweep"), "--epochs", "2"}), 1);
  EXPECT_THAT(err_, HasSubstr("holds a run of another recipe"));

  ASSERT_EQ(run({"compare", path("sweep/lr=1e-2_batch=8"), path("sweep/lr=1e-3_batch=4"), "-o", path("page.html")}), 0) << err_;
  EXPECT_THAT(file("page.html"), HasSubstr("<th class=\"n\">train.lr</th>"));
  const std::string whole = file("hands.toml");
  test::write(hands_ / "layers.toml", whole.substr(0, whole.find("[network]")) +
                                          "[network]\ninput = 32\nlayers = [\"conv 4 3\", \"relu\", \"linear\"]\n[train]\nepochs = 1\n");
  ASSERT_EQ(run({"train", path("layers.toml"), "-o", path("layers")}), 0) << err_;
  ASSERT_EQ(run({"compare", path("layers"), path("sweep/lr=1e-2_batch=8"), "-o", path("page.html")}), 0) << err_;
  EXPECT_THAT(file("page.html"), testing::AllOf(HasSubstr("Validation NME"), testing::Not(HasSubstr("Faces kept"))));
  std::filesystem::create_directory(hands_ / "again");
  std::filesystem::copy(hands_ / "layers", hands_ / "again" / "layers", std::filesystem::copy_options::recursive);
  ASSERT_EQ(run({"compare", path("layers"), path("again/layers"), "-o", path("page.html")}), 0) << err_;
  EXPECT_THAT(file("page.html"), HasSubstr("again/layers")) << "the folders' names are the same";
  EXPECT_EQ(run({"compare", path("nowhere"), "-o", path("page.html")}), 1);
  EXPECT_THAT(err_, HasSubstr("the folder holds no run"));
}

TEST_F(Program, ExportsTheBestAndTheLastWeights) {
  ASSERT_EQ(run({"train", recipe(), "-o", path("run")}), 0) << err_;
  ASSERT_EQ(run({"export", path("run"), "-o", path("best.pt")}), 0) << err_;
  EXPECT_TRUE(file("best.pt") == file("run/model.pt"));
  ASSERT_EQ(run({"export", path("run/checkpoint.pt"), "-o", path("last.pt")}), 0) << err_;
  ASSERT_EQ(run({"eval", "--model", path("last.pt"), "--data", "csv:" + path("hands.csv"), "--json"}), 0) << err_;
  EXPECT_EQ(json::parse(out_)["faces"], test::DrawnHands::kPictures);
  EXPECT_EQ(run({"export", path("run"), "-o", path("best.pt")}), 1) << "it is there already";
  EXPECT_EQ(run({"export", path("hands.csv"), "-o", path("other.pt")}), 1);
  EXPECT_EQ(run({"eval", "--model", path("last.pt"), "--data", "csv:" + path("hands.csv"), "--every", "4", "--json"}), 0) << err_;
  EXPECT_EQ(json::parse(out_)["faces"], (test::DrawnHands::kPictures + 3) / 4);

  std::filesystem::create_directory(hands_ / "images");
  std::filesystem::copy_file(hands_ / "hand0_0.png", hands_ / "images/hand.png");
  test::write(hands_ / "boxes.txt", "hand.png\n2\n5 5 40 40 0 0 0 0 0 0\n1 1 20 20 0 0 0 0 0 0\n");
  ASSERT_EQ(run({"eval", "--model", path("best.pt"), "--data", "wider:" + path("boxes.txt"), "--json"}), 0) << err_;
  EXPECT_EQ(json::parse(out_)["faces"], 1) << "the other is too small";
  EXPECT_GE(json::parse(out_)["face_score"]["faces_kept"], 0);
  EXPECT_EQ(run({"eval", "--model", path("best.pt"), "--data", "wider:" + path("boxes.txt"), "--roll", "9"}), 2);
  EXPECT_THAT(err_, HasSubstr("faces with points"));

  const std::string recipe_then = file("run/recipe.toml");
  EXPECT_EQ(run({"train", recipe(), "-o", path("run"), "--resume", "--set", "train.lr=9"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("nothing is left to train"));
  EXPECT_EQ(file("run/recipe.toml"), recipe_then);

  const std::string picture = path("hand0_0.png");
  EXPECT_EQ(run({"predict", picture, "--model", path("best.pt"), "--detector", "none", "-o", hands_.path().string(), "--force"}), 1);
  EXPECT_THAT(err_, HasSubstr("is the picture itself"));
}

TEST_F(Program, SaysWhatIsWrongWithItsUse) {
  EXPECT_EQ(run({"train", recipe(), "--epochs", "0"}), 2);
  EXPECT_THAT(err_, HasSubstr("must be a number above 0"));
  test::write(hands_ / "file", "");
  EXPECT_EQ(run({"train", recipe(), "-o", path("file/run")}), 1);
  EXPECT_THAT(err_, HasSubstr("error: " + path("file/run") + ": Not a directory"));
  EXPECT_EQ(run({"train", recipe(), "--set", "train.lrr=1"}), 2);
  EXPECT_THAT(err_, HasSubstr("did you mean 'lr'?"));
  EXPECT_EQ(run({"train"}), 2);
  EXPECT_EQ(run({"sweep", recipe(), "--set", "train.lr", "-o", path("sweep")}), 2);
  EXPECT_FALSE(std::filesystem::exists(hands_ / "sweep"));
  EXPECT_EQ(run({"train", path("absent.toml")}), 1);
  EXPECT_EQ(run({"sweep", recipe(), "--set", "train.lr=1e-3", "--set", "train.lr=2e-3", "-o", path("sweep")}), 2);
  EXPECT_THAT(err_, HasSubstr("train.lr is there twice"));
  EXPECT_EQ(run({"sweep", recipe(), "--set", "train.epochs=1,2", "--epochs", "3", "-o", path("sweep")}), 2);
  EXPECT_THAT(err_, HasSubstr("exclude each other"));
  EXPECT_EQ(run({"train", path(".")}), 1);
  EXPECT_THAT(err_, HasSubstr("is a folder, not a file"));
  EXPECT_EQ(run({"inspect", "ibg:" + path(".")}), 2);
  EXPECT_THAT(err_, HasSubstr("is no recipe, and none of ibug:FOLDER, asf:FOLDER"));
}

TEST_F(Program, CompletesCommandsOptionsAndValues) {
  ASSERT_EQ(run({"completion", "bash"}), 0);
  test::write(hands_ / "completion.bash", out_);
  const auto completed = [&](const std::string& words) {
    Process process({"bash", "-c",
                     "source " + path("completion.bash") + "; COMP_WORDS=(" + words +
                         "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _fkp_train; echo \"${COMPREPLY[*]}\""},
                    hands_.path(), "completed");
    EXPECT_EQ(process.wait(), 0) << process.err();
    return process.out();
  };
  EXPECT_EQ(completed("fkp-train sw"), "sweep\n");
  EXPECT_EQ(completed("fkp-train train --re"), "--resume\n");
  EXPECT_EQ(completed("fkp-train predict --detector ''"), "net haar none\n");
  EXPECT_EQ(completed("fkp-train train ''"), "\n") << "files, by bash itself";
}

}  // namespace
}  // namespace fkp
