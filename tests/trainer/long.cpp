// SPDX-License-Identifier: LGPL-2.1-or-later
// The suite "long": minutes on real data.
#include <gtest/gtest.h>

#include <algorithm>

#include "measure/evaluate.h"
#include "readers/readers.h"
#include "support/files.h"
#include "train/train.h"

namespace fkp {
namespace {

TEST(ShippedRecipe, LearnsInThreeEpochs) {
  NEEDS_DATA();
  Recipe recipe = read_recipe(std::filesystem::path(FKP_RECIPES) / "fkp68.toml");
  recipe.root = test::data_folder();
  recipe.train.epochs = 3;
  recipe.teacher = {};
  const auto is_taught = [](const DataSource& source) { return is_list_of_boxes(source.set); };
  recipe.sets.erase(std::remove_if(recipe.sets.begin(), recipe.sets.end(), is_taught), recipe.sets.end());
  const test::TemporaryFolder folder;
  train(recipe, folder / "run", false);
  KeypointNet net({(folder / "run/model.pt").string(), "cpu", 1});
  const Summary helen = evaluate(net, read_dataset("ibug:300w/helen/trainset", recipe.root, recipe.scheme).samples, {}).summary;
  EXPECT_LT(helen.mean, 15) << "percent; the mean face's own error is about 20";
}

}  // namespace
}  // namespace fkp
