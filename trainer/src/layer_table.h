// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

#include "recipe.h"

namespace fkp {

/// The layers of a recipe's network, a line each: number, text, what it gives, parameters. Of the shipped network, which is no
/// list, the parameters alone. Throws as make_point_net.
std::string layer_table(const Recipe& recipe);

}  // namespace fkp
