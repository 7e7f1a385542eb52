// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

#include "recipe/recipe.h"

namespace fkp {

/// A summary of a recipe's network, then a line per layer: number, text, output shape, parameters. For the shipped network, which
/// is not a list of layers, only the summary. Throws as make_point_net.
std::string layer_table(const Recipe& recipe);

}  // namespace fkp
