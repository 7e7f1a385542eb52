// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>
#include <string>
#include <vector>

namespace fkp {

struct Curve {
  std::string name;
  std::vector<cv::Point2d> points;  ///< in the order of x; a y that is not finite interrupts the curve
};

/// Curves on common axes.
struct Chart {
  std::string title, x;  ///< the title says what y is, with its unit
  std::vector<Curve> curves;
  bool may_be_logarithmic = false;  ///< y axis, if all values are positive and the greatest is over 20 times the least
};

/// The chart as an SVG element of a page (page.h), with a legend if there are several curves.
std::string svg_of(const Chart& chart);

}  // namespace fkp
