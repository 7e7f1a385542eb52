// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <toml++/toml.h>

#include "recipe/recipe.h"

namespace fkp {

/// Throws Error (unreadable), naming the file and the key, and its line if `root` has it, if values of a recipe cannot work, alone
/// or together. `root`: what the recipe was read from.
void check(const Recipe& recipe, const toml::table& root);

}  // namespace fkp
