// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "recipe/recipe.h"

namespace fkp {

/// A key of a recipe, dotted with its tables ("train.lr"), and its new value as TOML ("1e-3").
struct RecipeChange {
  std::string key, value;
};

/// Parses "train.lr=1e-3". Throws Error (settings).
RecipeChange change_from(const std::string& text);

/// Parses "train.lr=1e-3,1e-4" into one change per value. Commas inside brackets, braces or quotes do not separate values.
std::vector<RecipeChange> changes_from(const std::string& text);

/// The text of a recipe with the change made in place; comments and everything else stay as they were. A missing key is added.
/// Throws Error (settings) if the value is not TOML, or the text has no place for the key.
std::string changed(const std::string& recipe_text, const RecipeChange& change);

/// Like read_recipe, with changes. Mistakes in them are reported as such, in an Error (settings); for an unknown key it names
/// the nearest known one. Wrong values in the file do not matter if a change replaces them.
Recipe read_recipe(const std::filesystem::path& file, const std::vector<RecipeChange>& changes);

/// All keys of a recipe, dotted with their tables, and their values as TOML.
using RecipeSettings = std::map<std::string, std::string>;

/// The settings in a recipe's text; `file` is for messages. Throws Error (unreadable).
RecipeSettings settings_in(const std::string& text, const std::filesystem::path& file);

/// The keys, dotted with their tables, that the texts of two recipes set differently, or only one of them sets.
std::vector<std::string> different_keys(const std::string& text, const std::string& other);

/// The text of the recipe, with absolute paths to data, start weights and teacher, so that it repeats the run from any folder.
std::string repeatable_text(const Recipe& recipe);

}  // namespace fkp
