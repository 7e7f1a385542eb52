// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "data/sample.h"
#include "fkp/model.h"

// Derives a scheme's points from another scheme that contains them, for sets labelled in that one.

namespace fkp {

/// For each point of the scheme `to`, the points of `from` whose mean it is; empty if there is no known derivation.
std::vector<std::vector<int>> points_taken(const std::string& from, const std::string& to);

/// The schemes from which `to` can be derived.
std::vector<std::string> schemes_with(const std::string& to);

/// The derived points; one is unknown if any of the points that it is the mean of is.
Points taken(const Points& points, const std::vector<std::vector<int>>& of);

/// How the face boxes lie around the points: medians over the faces with all points.
PointsToBox points_to_box(const std::vector<Sample>& samples, const Scheme& scheme);

}  // namespace fkp
