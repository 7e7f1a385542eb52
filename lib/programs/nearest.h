// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace fkp {

/// The name in `known` with the smallest edit distance to `name`, for "did you mean"; empty if none is close.
std::string nearest(const std::string& name, const std::vector<std::string>& known);

/// What to say about an unknown name: the nearest known one, if any is close, and all of them.
std::string known_names(const std::string& name, const std::vector<std::string>& known);

}  // namespace fkp
