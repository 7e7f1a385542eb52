// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "fkp/core/geometry.h"

namespace fkp {

/// The mean of each point over the faces in which it is known, after mapping their face boxes to the unit square; unknown if it
/// is known in none.
Points mean_shape(const std::vector<Points>& faces);

/// A face with a dot for each point: the greater its value, the larger and redder the dot.
struct ErrorFace {
  std::string title;
  const Scheme& scheme;
  const Points& shape;         ///< in the unit square
  std::vector<double> values;  ///< per point, percent; NaN if nothing was measured
};

/// Each point with its own value.
std::string svg_of_points(const ErrorFace& face);

/// Each of the scheme's parts in one colour, with its name and the mean of its points' values.
std::string svg_of_parts(const ErrorFace& face);

}  // namespace fkp
