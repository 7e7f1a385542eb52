// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "recipe.h"

namespace fkp {

/// Throws Error (unreadable), naming the file and the key, if values of a recipe cannot work, alone or together.
void check(const Recipe& recipe);

}  // namespace fkp
