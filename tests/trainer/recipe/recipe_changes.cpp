// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recipe/recipe_changes.h"

#include <gmock/gmock.h>

#include "fkp/core/error.h"
#include "run/sweep.h"
#include "support/files.h"

namespace fkp {
namespace {

using testing::HasSubstr;

constexpr const char* kText =
    "# Ä comment.\nscheme = \"mtfl-5\"\n[data]\nroot = \".\"  # here\ntrain = [\"ibug:.\",\n         \"ibug:é\"] # two\n"
    "[network]\nwidths = [4, 8, 8, 8]\ndepths = [1, 1, 1, 1]\n[train]\nlr = 1e-2                     # of AdamW\n";

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was wrong";
}

TEST(RecipeChange, KeepsAllElseAsItWas) {
  std::string expected = kText;
  expected.replace(expected.find("1e-2"), 4, "3e-4");
  EXPECT_EQ(changed(kText, {"train.lr", "3e-4"}), expected);
}

TEST(RecipeChange, ReplacesListsOfSeveralLines) {
  const std::string text = changed(kText, {"data.train", "[\"csv:x\"]"});
  EXPECT_THAT(text, HasSubstr("train = [\"csv:x\"] # two\n"));
}

TEST(RecipeChange, AddsWhatIsNotThere) {
  EXPECT_THAT(changed(kText, {"train.batch", "8"}), HasSubstr("[train]\nbatch = 8\nlr"));
  EXPECT_THAT(changed(kText, {"augment.mirror", "true"}), HasSubstr("\n[augment]\nmirror = true\n"));
  EXPECT_THAT(changed(kText, {"seed", "7"}), testing::StartsWith("seed = 7\n"));
  EXPECT_EQ(changed("train = { lr = 1 }", {"train.batch", "8"}), "train = { batch = 8, lr = 1 }");
  EXPECT_EQ(changed("train.lr = 1", {"train.batch", "8"}), "train.batch = 8\ntrain.lr = 1");
}

TEST(RecipeChange, LeavesTheFirstOfAListOfTablesAsItIs) {
  const std::string text = "[[data.train]]\nset = \"csv:x\"\nweight = 2\n";
  const RecipeSettings settings = settings_in(changed(text, {"data.root", "\".\""}), "r.toml");
  EXPECT_EQ(settings.at("data.root"), "'.'");
  EXPECT_EQ(settings.count("data.train"), 1u);
}

TEST(RecipeChange, GoesIntoAFileThatBeginsWithAByteOrderMark) {
  const test::TemporaryFolder folder;
  test::write(folder / "recipe.toml",
              "\xEF\xBB\xBF"
              "scheme = \"mtfl-5\"\n" +
                  std::string(kText).substr(std::string(kText).find("[data]")));
  EXPECT_EQ(read_recipe(folder / "recipe.toml", {{"seed", "7"}}).seed, 7u);
  EXPECT_EQ(read_recipe(folder / "recipe.toml", {{"scheme", "\"ibug-68\""}}).scheme.name, "ibug-68");
}

TEST(RecipeChange, SplitsValuesAtCommasOutsideOfBrackets) {
  const auto changes = changes_from("network.widths=[4, 8],[8, 8]");
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].value, "[4, 8]");
  EXPECT_EQ(changes[1].key, "network.widths");
  EXPECT_EQ(changes_from("scheme=\"a,b\"").size(), 1u);
  EXPECT_THAT(message_of([] { changes_from("train.lr=1,,2"); }), HasSubstr("missing"));
}

TEST(RecipeChange, CuresWhatIsWrongWithTheFile) {
  const test::TemporaryFolder folder;
  test::write(folder / "recipe.toml", kText + std::string("batch = \"many\"\n"));
  EXPECT_EQ(read_recipe(folder / "recipe.toml", {{"train.batch", "8"}}).train.batch, 8);
  EXPECT_THAT(message_of([&] { read_recipe(folder / "recipe.toml", {{"train.lr", "1e-3"}}); }), testing::Not(HasSubstr("--set")));
  // One mistake is replaced, another one is new.
  EXPECT_THAT(message_of([&] {
                read_recipe(folder / "recipe.toml", {{"train.batch", "8"}, {"train.lr", "-1"}});
              }),
              AllOf(testing::StartsWith("--set train.batch=8 --set train.lr=-1: "), HasSubstr("lies above 0")));
}

TEST(RecipeChange, SaysWhatIsWrongWithIt) {
  EXPECT_THAT(message_of([] { change_from("train.lr"); }), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(message_of([] { changed(kText, {"scheme", "ibug-68"}); }), HasSubstr("texts in quotes"));
  EXPECT_THAT(message_of([] { changed(kText, {"scheme.name", "1"}); }), HasSubstr("no table"));
}

TEST(RecipeChange, NamesTheFileThatIsNoToml) {
  const test::TemporaryFolder folder;
  test::write(folder / "broken.toml", "scheme = \n");
  EXPECT_THAT(message_of([&] { read_recipe(folder / "broken.toml", {{"train.lr", "3"}}); }), HasSubstr("broken.toml:1"));
}

TEST(RecipeChange, NamesTheNearestKey) {
  const test::TemporaryFolder folder;
  test::write(folder / "r.toml", kText);
  const auto message = message_of([&] { read_recipe(folder / "r.toml", {{"train.lrr", "3"}}); });
  EXPECT_THAT(message, testing::StartsWith("--set train.lrr=3: unknown key 'lrr' in train; did you mean 'lr'?"));
  EXPECT_THAT(message_of([&] { read_recipe(folder / "r.toml", {{"trian.lr", "3"}}); }), HasSubstr("did you mean 'train'?"));
  EXPECT_THAT(message_of([&] { read_recipe(folder / "r.toml", {{"train.lr", "\"high\""}}); }), HasSubstr("wrong type"));
  EXPECT_EQ(read_recipe(folder / "r.toml", {{"train.lr", "3"}, {"train.batch", "7"}}).train.batch, 7);
}

TEST(RecipeChange, NamesEachDifferentKeyOnce) {
  const std::string other = changed(changed(kText, {"train.lr", "3e-4"}), {"train.batch", "8"});
  EXPECT_THAT(different_keys(kText, other), testing::ElementsAre("train.batch", "train.lr"));
  EXPECT_THAT(different_keys(kText, changed(kText, {"train.lr", "0.01"})), testing::IsEmpty()) << "the same number, written differently";
}

TEST(Combinations, NameFoldersByValuesAndByPlacesOfLongOnes) {
  const std::string layers(300, '1');  // longer than a file name may be
  const auto all = combinations({{{"network.layers", "[]"}, {"network.layers", layers}}, {{"train.lr", "1e-3"}, {"train.lr", "1e-4"}}});
  std::vector<std::string> names;
  for (const Variant& v : all) names.push_back(v.name);
  EXPECT_THAT(names, testing::ElementsAre("layers=[]_lr=1e-3", "layers=[]_lr=1e-4", "layers=2_lr=1e-3", "layers=2_lr=1e-4"));
  EXPECT_EQ(all[3].changes[0].value, layers);
}

TEST(RecipeChange, RepeatsARunFromWhereverItIsPut) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "elsewhere");
  for (const char* weights : {"start.pt", "teacher.pt"}) test::write(folder / weights, "");
  test::write(folder / "r.toml", changed(kText, {"network.start", "\"start.pt\""}) + "[teacher]\nmodel = \"teacher.pt\"\n");
  const Recipe recipe = read_recipe(folder / "r.toml");
  test::write(folder / "elsewhere/recipe.toml", repeatable_text(recipe));
  const Recipe again = read_recipe(folder / "elsewhere/recipe.toml");
  EXPECT_TRUE(std::filesystem::equivalent(again.root, recipe.root));
  EXPECT_TRUE(std::filesystem::equivalent(again.network.start, folder / "start.pt"));
  EXPECT_TRUE(std::filesystem::equivalent(again.teacher.model, folder / "teacher.pt"));
}

}  // namespace
}  // namespace fkp
