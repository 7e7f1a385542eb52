// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recipe/recipe.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "fkp/core/error.h"
#include "support/files.h"

namespace fkp {
namespace {

using testing::HasSubstr;

class RecipeTest : public testing::Test {
 protected:
  Recipe read(const std::string& text) {
    test::write(folder_ / "r.toml", text);
    return read_recipe(folder_ / "r.toml");
  }
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  const test::TemporaryFolder folder_;
};

const std::string kData = "scheme = \"mtfl-5\"\n[data]\ntrain = [\"ibug:a\"]\n";

TEST_F(RecipeTest, ReadsWhatIsThereAndKeepsDefaults) {
  const Recipe r = read(
      "scheme = \"mtfl-5\"\nseed = 7\n[data]\ntrain = [\"ibug:a\", { set = \"csv:b\", weight = 0.5, share = 0.25 }]\nbackground = "
      "[\"wider:c\"]\n[network]\nwidths = [8, 8, 8, 8]\n"
      "[train]\nlr = 1e-4\nprecision = \"auto\"\n[augment]\nmirror = true\n");
  EXPECT_EQ(r.scheme.size(), 5);
  EXPECT_EQ(r.seed, 7u);
  ASSERT_EQ(r.sets.size(), 2u);
  EXPECT_EQ(r.sets[1].set, "csv:b");
  EXPECT_EQ(r.sets[1].weight, 0.5f);
  EXPECT_EQ(r.sets[1].share, 0.25f);
  EXPECT_EQ(r.sets[0].share, 1);
  EXPECT_EQ(r.backgrounds, (std::vector<std::string>{"wider:c"}));
  EXPECT_EQ(r.network.widths, (std::vector<int>{8, 8, 8, 8}));
  EXPECT_EQ(r.network.depths, NetworkSpec().depths);
  EXPECT_EQ(r.train.lr, 1e-4);
  EXPECT_EQ(r.train.precision, Precision::automatic);
  EXPECT_TRUE(r.augment.mirror);
}

TEST_F(RecipeTest, NamesAnUnknownKeyWithItsLine) {
  const std::string error = error_of(kData + "[train]\nlearning_rate = 1\n");
  EXPECT_THAT(error, HasSubstr("r.toml:5"));
  EXPECT_THAT(error, testing::AllOf(HasSubstr("'learning_rate'"), HasSubstr("lr")));
}

TEST_F(RecipeTest, RefusesWrongTypesAndValues) {
  EXPECT_THAT(error_of(kData + "[train]\nepochs = \"many\"\n"), HasSubstr("'epochs' has the wrong type"));
  EXPECT_THAT(error_of(kData + "[network]\nwidths = [1, 2]\n"), HasSubstr("four to six numbers"));
  EXPECT_THAT(error_of(kData + "[network]\ninput = 100\n"), HasSubstr("multiple of 16"));
  EXPECT_THAT(error_of(kData + "[network]\nwidths = [8, 8, 8, 8, 8]\n"), HasSubstr("as many numbers"));
  EXPECT_THAT(error_of(kData + "[network]\nshape = -1\n"), HasSubstr("shape"));
  EXPECT_THAT(error_of(kData + "[network]\nhalving = \"pooling\"\n"), HasSubstr("pool"));
  EXPECT_THAT(error_of(kData + "[train]\nprecision = \"fp16\"\n"), HasSubstr("bf16"));
  EXPECT_THAT(error_of("scheme = \"mtfl-5\"\n[data]\ntrain = [{ set = \"ibug:a\", share = 0 }]\n"), HasSubstr("share"));
  EXPECT_THAT(error_of("scheme = \"mtfl-5\"\n[data]\ntrain = [{ set = \"ibug:a\", weight = -1 }]\n"), HasSubstr("weight"));
  EXPECT_THAT(error_of(kData + "[augment]\nerase = 7\n"), HasSubstr("erase is a share"));
  EXPECT_THAT(error_of(kData + "[train]\nmap_sigma = 0\n"), HasSubstr("map_sigma lies above 0"));
  EXPECT_THAT(error_of(kData + "[train]\nthreads = -2\n"),
              testing::AllOf(HasSubstr("r.toml:5"), HasSubstr("[train] threads lies between 0 and 1024")));
  EXPECT_THAT(error_of(kData + "[train]\nthreads = 5000\n"), HasSubstr("between 0 and 1024"));
  EXPECT_THAT(error_of(kData + "[network]\nhead = 0\n"), testing::AllOf(HasSubstr("r.toml:5"), HasSubstr("[network] head")));
  EXPECT_THAT(error_of(kData + "[train]\nepochs = 3\nschedule = [[1, 1e-3]]\n"), HasSubstr("'epochs' follows from the steps"));
  EXPECT_THAT(error_of("scheme = \"ibug-7\"\n[data]\ntrain = [\"ibug:a\"]\n"), HasSubstr("ibug-7"));
  EXPECT_THAT(error_of("scheme = \"mtfl-5\"\n"), HasSubstr("names no set"));
  EXPECT_THAT(error_of("scheme = \n"), HasSubstr("r.toml:1"));
  EXPECT_THROW(read_recipe("nowhere.toml"), Error);
}

TEST_F(RecipeTest, RefusesNumbersThatAreNone) {
  for (const char* text : {"[train]\nlr = inf\n", "[train]\nmap_sigma = inf\n", "[train]\nmuon = nan\n", "[train]\nschedule = [[1, inf]]\n",
                           "[network]\nrange = [nan, 1]\n", "[network]\nmargin = 1e300\n",
                           "[network]\nlayers = [\"linear\"]\noutput = { scale = inf, offset = 0 }\n"})
    EXPECT_THAT(error_of(kData + text), testing::AnyOf(HasSubstr("r.toml:5"), HasSubstr("r.toml:6"))) << text;
}

TEST_F(RecipeTest, BoundsEveryNumber) {
  const std::string faces = "task = \"faces\"\n" + kData;
  const auto expect = [&](const std::string& recipe, const std::string& table, const std::vector<const char*>& keys, const char* value,
                          const char* what) {
    for (const std::string key : keys) {
      const std::string text = recipe + "[" + table + "]\n" + key + " = " + value + "\n";
      EXPECT_THAT(error_of(text), HasSubstr("[" + table + "] " + key + " " + what)) << text;
    }
  };
  for (const char* value : {"-0.1", "1.1"}) {
    expect(kData, "augment", {"wide_share", "blur", "resample", "noise", "light", "exposure", "jpeg", "erase"}, value, "is a share");
    expect(faces, "scenes", {"background", "clutter", "close_ups"}, value, "is a share");
  }
  expect(kData, "augment", {"rotation", "wide_rotation", "scale", "shift", "brightness", "contrast"}, "-0.1", "is 0 or more");
  expect(kData, "train", {"muon", "weight_decay", "warmup", "map_shape"}, "-1", "is 0 or more");
  expect(kData, "train", {"lr", "batch", "epochs", "map_sigma", "wing_width", "wing_curvature"}, "0", "lies above 0");
  expect(faces, "scenes", {"smallest", "largest", "zoom"}, "0", "lies above 0");
  for (const char* value : {"-0.1", "1.0"}) {
    expect(kData, "train", {"ema"}, value, "lies from 0 on, below 1");
    expect(kData, "train", {"negatives"}, value, "must lie in [0, 1)");
  }
  for (const char* value : {"0.0", "1.1"}) expect(kData, "augment", {"crop"}, value, "lies above 0, at most 1");
  for (const char* value : {"0.0", "1.0"}) EXPECT_THAT(error_of(kData + "validation = " + value + "\n"), HasSubstr("between 0 and 1"));
  expect(kData, "network", {"margin"}, "0.9", "must be at least 1");
  expect(kData, "network", {"range"}, "[1, 1]", "has the same number");
  EXPECT_THAT(error_of(kData + "[network]\nwidths = [8, 8, 8, 8, 8, 8, 8]\ndepths = [1, 1, 1, 1, 1, 1, 1]\n"), HasSubstr("four to six"));
  EXPECT_THAT(error_of("scheme = \"mtfl-5\"\n[data]\ntrain = [{ set = \"ibug:a\", share = 1.1 }]\n"), HasSubstr("share"));
  EXPECT_THAT(error_of(faces + "report_every = 1\n"), HasSubstr("[data] report_every"));
}

TEST_F(RecipeTest, NamesTheLineOfAValueThatCannotWork) {
  EXPECT_THAT(error_of(kData + "[augment]\nmirror = true\nerase = 7\n"), HasSubstr("r.toml:6: [augment] erase"));
  EXPECT_THAT(error_of(kData + "[network]\n\nwidths = [1, 2]\n"), HasSubstr("r.toml:6: [network] widths"));
  EXPECT_THAT(error_of("task = \"faces\"\n" + kData + "[train]\npictures = 1\n"), HasSubstr("r.toml:6: [train] pictures"));
  EXPECT_THAT(error_of(kData + "crop = \"picture\"\n"), HasSubstr("r.toml:4: [data] crop"));
}

TEST_F(RecipeTest, TakesASchemeOfItsOwn) {
  const Recipe r = read("[scheme]\nname = \"hand\"\npoints = [\"thumb\", \"index\"]\nmirror = [1, 0]\n[scheme.parts]\ntips = [0, 1]\n" +
                        kData.substr(kData.find('[')));
  EXPECT_EQ(r.scheme.name, "hand");
  EXPECT_EQ(r.scheme.mirror, (std::vector<int>{1, 0}));
  EXPECT_EQ(r.scheme.part("tips")->points.size(), 2u);
  EXPECT_THAT(error_of("[scheme]\nname = \"hand\"\npoints = [\"a\"]\nmirror = [4]\n" + kData.substr(kData.find('['))),
              HasSubstr("r.toml:1: scheme 'hand'"));
}

TEST_F(RecipeTest, NamesSchemesOfWhichTheDataHasOne) {
  const std::string data = kData.substr(kData.find('['));
  const Recipe r = read("scheme = [\"imm-73\", \"imm-58\"]\n" + data);
  EXPECT_EQ(r.scheme.name, "imm-73");
  ASSERT_EQ(r.other_schemes.size(), 1u);
  EXPECT_EQ(r.other_schemes[0].name, "imm-58");
  EXPECT_THAT(error_of("scheme = [\"imm-73\", 58]\n" + data), HasSubstr("holds names"));
  EXPECT_THAT(error_of("scheme = []\n" + data), HasSubstr("a name, a list of names or a table"));
  EXPECT_THAT(error_of("scheme = [\"mtfl-5\", \"imm-58\"]\n" + data + "[augment]\nmirror = true\n"), HasSubstr("'imm-58'"))
      << "each must be fit for what the recipe asks";
}

TEST_F(RecipeTest, ReadsANetworkOfLayers) {
  const Recipe r = read(
      "scheme = \"nose-1\"\n[data]\ntrain = [\"asf:a\"]\nvalidation = \"asf:b\"\ncrop = \"picture\"\nequalise = \"clahe\"\n"
      "[augment]\nspread = \"even\"\nrotation = 15\ncrop = 0.9\n"
      "[network]\ninput = [80, 60]\nrange = [0, 1]\noutput = { scale = 50, offset = 100 }\nlayers = [\"conv 12 3\", \"linear\"]\n"
      "init = { conv = \"kaiming-uniform\", linear = \"xavier-uniform\", bias = \"zeros\" }\n"
      "[train]\noptimizer = \"adam\"\nloss = \"mse\"\nmasked = false\nschedule = [[10, 1e-4], [3, 1e-5]]\n");
  EXPECT_EQ(r.validation_sets, (std::vector<std::string>{"asf:b"}));
  EXPECT_TRUE(r.crop.whole_picture);
  EXPECT_EQ(r.crop.equalise, Equalise::clahe);
  EXPECT_EQ(r.crop.size, cv::Size(80, 60));
  EXPECT_TRUE(r.augment.even);
  EXPECT_EQ(r.augment.crop, 0.9f);
  EXPECT_EQ(r.network.layers.size(), 2u);
  EXPECT_EQ(r.network.black, 0);
  EXPECT_FALSE(r.network.unit);
  EXPECT_EQ(r.network.scale, 50);
  EXPECT_EQ(r.network.offset, 100);
  EXPECT_EQ(r.network.init.conv, Draw::kaiming_uniform);
  EXPECT_EQ(r.network.init.linear, Draw::xavier_uniform);
  EXPECT_TRUE(r.network.init.zero_bias);
  EXPECT_EQ(r.train.optimizer, Optimizer::adam);
  EXPECT_EQ(r.train.weight_decay, 0);
  EXPECT_EQ(r.train.loss, Loss::mse);
  EXPECT_FALSE(r.train.masked);
  EXPECT_EQ(r.train.epochs, 13);
  EXPECT_EQ(r.train.lr, 1e-4);
  EXPECT_EQ(r.train.warmup, 0);
  EXPECT_EQ(r.train.negatives, 0);
}

TEST_F(RecipeTest, RefusesALayerThatDoesNotFit) {
  EXPECT_THAT(error_of(kData + "[network]\ninput = [80, 60]\nlayers = [\"conv 8 90\"]\n"),
              testing::AllOf(HasSubstr("r.toml"), HasSubstr("layer 1, \"conv 8 90\": the picture is 80×60 there")));
  EXPECT_THAT(error_of(kData + "[network]\nlayers = [\"linear\"]\n[train]\nloss = \"heatmaps\"\n"), HasSubstr("needs a network of maps"));
  EXPECT_THAT(error_of(kData + "[network]\nlayers = [\"conv points 1\", \"argmax\"]\n"), HasSubstr("no gradient"));
}

TEST_F(RecipeTest, RefusesWhatANetworkHasNoUseFor) {
  const std::string layers = "[network]\nlayers = [\"linear\"]\n";
  EXPECT_THAT(error_of(kData + layers + "head = 8\n"), HasSubstr("unknown key 'head'"));
  EXPECT_THAT(error_of(kData + layers + "[train]\nnegatives = 0.1\n"), HasSubstr("unknown key 'negatives'"));
  EXPECT_THAT(error_of(kData + "background = [\"wider:c\"]\n" + layers), HasSubstr("does not give"));
  EXPECT_THAT(error_of(kData + "[network]\noutput = \"unit\"\n"), HasSubstr("unknown key 'output'"));
  EXPECT_THAT(error_of(kData + "crop = \"picture\"\n"), HasSubstr("negatives = 0"));
  EXPECT_THAT(error_of(kData + "[train]\nschedule = [[1, 0.1]]\nlr = 1\n"), HasSubstr("'lr' follows from the steps"));
}

TEST_F(RecipeTest, NamesTheNearestOfAWordsValues) {
  EXPECT_THAT(error_of(kData + "equalise = \"clah\"\n"),
              testing::AllOf(HasSubstr("r.toml:4"), HasSubstr("'equalise'"), HasSubstr("clahe")));
  EXPECT_THAT(error_of(kData + "[train]\nloss = \"msee\"\n"), testing::AllOf(HasSubstr("mse"), HasSubstr("smooth-l1")));
  EXPECT_THAT(error_of(kData + "[train]\nschedule = [[1, 2, 3]]\n"), HasSubstr("[epochs, learning rate]"));
  EXPECT_THAT(error_of(kData + "[network]\ninput = \"large\"\n"), HasSubstr("[width, height]"));
  EXPECT_THAT(error_of(kData + "[network]\nlayers = [\"linear\"]\noutput = \"shares\"\n"), HasSubstr("scale = S"));
  EXPECT_THAT(error_of(kData + "[network]\nstart = \"nowhere.pth\"\n"), testing::AllOf(HasSubstr("r.toml:5"), HasSubstr("nowhere.pth")));
  EXPECT_THAT(error_of(kData + "[teacher]\nmodel = \"nobody.pt\"\n"), testing::AllOf(HasSubstr("r.toml:5"), HasSubstr("nobody.pt")));
  EXPECT_THAT(error_of(kData + "[train]\nrestart = 1\nepochs = 100\n"), HasSubstr("[train] restart"));
  EXPECT_THAT(error_of(kData + "[teacher]\nmodel = \"\"\nweight = 2\n"), HasSubstr("[teacher] weight"));
  EXPECT_THAT(error_of(kData + "[teacher]\nweight = 0.7\n"), testing::AllOf(HasSubstr("r.toml:4"), HasSubstr("model = \"FILE\"")));
  EXPECT_EQ(read(kData + "[teacher]\nmodel = \"\"\n").teacher.model, "");
  EXPECT_THAT(error_of("scheme = \"mtfl-5\"\n[data]\ntrain = [\"ibug:a\"]\nvalidation = [1]\n"), HasSubstr("a list of sets"));
}

TEST_F(RecipeTest, OfAFaceDetectorHasANetworkAndScenesOfItsOwn) {
  const Recipe r =
      read("task = \"faces\"\n" + kData + "report_every = 5\n[network]\ninput = 96\nwidths = [1, 2, 3, 4, 5]\n[scenes]\nsmallest = 10\n");
  EXPECT_EQ(r.task, TaskKind::faces);
  EXPECT_EQ(r.detector.input, 96);
  EXPECT_EQ(r.detector.widths, (std::vector<int>{1, 2, 3, 4, 5}));
  EXPECT_EQ(r.scenes.smallest, 10);
  EXPECT_EQ(r.report_every, 5);
  EXPECT_EQ(read(kData).task, TaskKind::keypoints);
  EXPECT_THAT(error_of("task = \"noses\"\n" + kData), testing::AllOf(HasSubstr("keypoints"), HasSubstr("faces")));
  EXPECT_THAT(error_of(kData + "[scenes]\n"), HasSubstr("unknown key 'scenes'"));
  EXPECT_THAT(error_of("task = \"faces\"\n" + kData + "[augment]\nresample = 0.1\n"), HasSubstr("unknown key 'resample'"));
  EXPECT_THAT(error_of("task = \"faces\"\n" + kData + "[network]\ninput = 100\n"), HasSubstr("multiple of 32"));
  EXPECT_THAT(error_of("task = \"faces\"\n" + kData + "[network]\nwidths = [1, 2, 3, 4]\n"), HasSubstr("five numbers"));
  EXPECT_THAT(error_of("task = \"faces\"\n" + kData + "[scenes]\nclose_ups = 2\n"), HasSubstr("close_ups"));
}

TEST_F(RecipeTest, HasAPageWithAllItsKeys) {
  const std::string page = test::read(std::filesystem::path(FKP_RECIPES) / "../../docs/recipe.md"), faces = "task = \"faces\"\n" + kData,
                    unknown = "no_key = 1\n";
  int keys = 0;
  for (const std::string& recipe :
       {"no_key = 1\n" + kData, kData + unknown, faces + unknown, kData + "[augment]\n" + unknown, faces + "[augment]\n" + unknown,
        kData + "[network]\n" + unknown, kData + "[network]\nlayers = [\"linear\"]\n" + unknown, faces + "[network]\n" + unknown,
        faces + "[scenes]\n" + unknown, kData + "[teacher]\nmodel = \"\"\n" + unknown, kData + "[train]\n" + unknown,
        faces + "[train]\n" + unknown}) {
    std::string error = error_of(recipe);
    const auto list = error.find("known are ");
    ASSERT_NE(list, std::string::npos) << recipe << error;
    std::istringstream names(error.substr(list + std::string("known are ").size()));
    for (std::string name; std::getline(names >> std::ws, name, ','); keys++)
      EXPECT_THAT(page, testing::AnyOf(HasSubstr("`" + name + "`"), HasSubstr("`[" + name + "]`"))) << "docs/recipe.md lacks a key";
  }
  EXPECT_GT(keys, 60);
}

TEST(ShippedRecipes, AreRead) {
  int recipes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FKP_RECIPES)) {
    EXPECT_NO_THROW(read_recipe(entry.path())) << entry.path();
    recipes++;
  }
  EXPECT_GE(recipes, 1);
}

}  // namespace
}  // namespace fkp
