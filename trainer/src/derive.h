// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "fkp/core/geometry.h"

// A scheme's points where a set is labelled in another that has them.

namespace fkp {

/// Of which points of the scheme `from` each point of `to` is the mean; empty where nobody knows.
std::vector<std::vector<int>> points_taken(const std::string& from, const std::string& to);

/// The schemes that `to` can be taken from.
std::vector<std::string> schemes_with(const std::string& to);

/// The points so taken; one is not known where any that it is the mean of is not.
Points taken(const Points& points, const std::vector<std::vector<int>>& of);

}  // namespace fkp
