// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recipe.h"

#include <gmock/gmock.h>

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
      "[train]\nlr = 1e-4\n[augment]\nmirror = true\n");
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
  EXPECT_THAT(error_of("scheme = \"mtfl-5\"\n[data]\ntrain = [{ set = \"ibug:a\", share = 0 }]\n"), HasSubstr("share"));
  EXPECT_THAT(error_of("scheme = \"ibug-7\"\n[data]\ntrain = [\"ibug:a\"]\n"), HasSubstr("ibug-7"));
  EXPECT_THAT(error_of("scheme = \"mtfl-5\"\n"), HasSubstr("names no set"));
  EXPECT_THAT(error_of("scheme = \n"), HasSubstr("r.toml:1"));
  EXPECT_THROW(read_recipe("nowhere.toml"), Error);
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

TEST_F(RecipeTest, OfAFaceDetectorHasANetworkAndScenesOfItsOwn) {
  const Recipe r =
      read("task = \"faces\"\n" + kData + "report_every = 5\n[network]\ninput = 96\nwidths = [1, 2, 3, 4]\n[scenes]\nsmallest = 10\n");
  EXPECT_EQ(r.task, TaskKind::faces);
  EXPECT_EQ(r.detector.input, 96);
  EXPECT_EQ(r.detector.widths, (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(r.scenes.smallest, 10);
  EXPECT_EQ(r.report_every, 5);
  EXPECT_EQ(read(kData).task, TaskKind::keypoints);
  EXPECT_THAT(error_of("task = \"noses\"\n" + kData), HasSubstr("\"keypoints\" or \"faces\""));
  EXPECT_THAT(error_of(kData + "[scenes]\n"), HasSubstr("unknown key 'scenes'"));
  EXPECT_THAT(error_of("task = \"faces\"\n" + kData + "[augment]\nresample = 0.1\n"), HasSubstr("unknown key 'resample'"));
  EXPECT_THAT(error_of("task = \"faces\"\n" + kData + "[network]\ninput = 100\n"), HasSubstr("multiple of 32"));
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
