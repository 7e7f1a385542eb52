// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "recipe.h"

namespace fkp {

/// A key of a recipe with its tables before it ("train.lr"), and its value as TOML ("1e-3").
struct RecipeChange {
  std::string key, value;
};

/// "train.lr=1e-3". Throws Error (settings).
RecipeChange change_from(const std::string& text);

/// "train.lr=1e-3,1e-4": a change for each value. A comma inside of brackets, braces or quotes parts nothing.
std::vector<RecipeChange> changes_from(const std::string& text);

/// The text of a recipe with the change made in its place, comments and all else as they were; a key that is not there is added.
/// Throws Error (settings) for what is no TOML, or a place that cannot be reached.
std::string changed(const std::string& recipe_text, const RecipeChange& change);

/// As read_recipe, with changes. What is wrong with them is told as such, in an Error (settings): an
/// unknown key with the nearest known one. What is wrong with the file and is changed does not matter.
Recipe read_recipe(const std::filesystem::path& file, const std::vector<RecipeChange>& changes);

/// The text of the recipe so that it repeats the run from wherever it is put: its data's root is an absolute path.
std::string repeatable_text(const Recipe& recipe);

}  // namespace fkp
