// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace fkp {

/// The one of `known` that differs from `name` by the fewest letters, for "did you mean"; empty where none is near.
std::string nearest(const std::string& name, const std::vector<std::string>& known);

/// What to say of a name that nobody knows: the nearest known one, where one is near, and all of them.
std::string known_names(const std::string& name, const std::vector<std::string>& known);

}  // namespace fkp
