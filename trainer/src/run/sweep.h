// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "recipe/recipe_changes.h"

namespace fkp {

/// One run of a sweep.
struct Variant {
  std::string name;  ///< of its folder: "lr=1e-3_batch=8"
  std::vector<RecipeChange> changes;
};

/// All combinations of the values of each key: choices[i] holds the changes of one key. The last key changes fastest.
std::vector<Variant> combinations(const std::vector<std::vector<RecipeChange>>& choices);

/// Trains the variants one after another in subfolders of `folder`, and compares them in its report.html, updated after each.
/// Finished runs are kept, and stopped ones resumed; a subfolder that holds a run of another recipe is an error. If a variant
/// diverges, this is logged, and the next one begins. `stop`: as in train(). Returns whether all were completed. Throws Error, and
/// Diverged if every variant did.
bool sweep(const std::filesystem::path& recipe, const std::vector<RecipeChange>& common, const std::vector<Variant>& variants,
           const std::filesystem::path& folder, const std::function<bool(double)>& stop, bool tensorboard);

}  // namespace fkp
