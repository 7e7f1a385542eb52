// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "recipe.h"

namespace fkp {

/// Throws Error (unreadable) that names the file and the key where values of a recipe cannot work, each or together.
void check(const Recipe& recipe);

}  // namespace fkp
