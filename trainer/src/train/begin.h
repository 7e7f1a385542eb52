// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <string>

#include "train/distributed.h"

// What has to hold before a run begins or goes on. Recipes are given as repeatable_text().

namespace fkp {

/// Throws Error (mismatch) unless all workers have the same recipe, except for what is of each one's machine.
void require_same_recipe(const std::string& recipe, const Workers& workers);

/// Makes the folder of a run. Throws Error: unwritable if it holds a run already and `resume` is false; not_found if there is nothing to
/// resume; mismatch if that was trained with another recipe.
void prepare_folder(const std::filesystem::path& folder, bool resume, const std::string& recipe);

}  // namespace fkp
