// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <vector>

#include "fkp/core/geometry.h"

namespace fkp {

/// The error of each point of a face, in percent of the distance between the scheme's two normaliser points (of 68: the outer eye
/// corners; Sagonas et al., ICCVW 2013) or, if it has none, of the face box's `side` (0: of the box around the points). NaN for
/// points that are unknown in `truth`, and for all if a normaliser point is unknown.
std::vector<double> point_errors(const Points& found, const Points& truth, const Scheme& scheme, float side = 0);

/// The normalised mean error of a face: the mean of its known points' errors; NaN if a normaliser point is unknown.
double nme(const Points& found, const Points& truth, const Scheme& scheme, float side = 0);

struct Summary {
  int faces = 0;
  double mean = 0, median = 0;  ///< percent
  double fr8 = 0;               ///< share of errors above 8 %, in percent
  double auc8 = 0;              ///< area under the cumulative error curve up to 8 %, in [0, 1]
};

Summary summarise(const std::vector<double>& errors);

}  // namespace fkp
