// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>
#include <string>
#include <vector>

namespace fkp {

struct Curve {
  std::string name;
  std::vector<cv::Point2d> points;  ///< in the order of x; where y is no number, the curve is interrupted
};

/// Curves over common axes.
struct Chart {
  std::string title, x;  ///< the title says what y is, with its unit
  std::vector<Curve> curves;
  bool may_be_logarithmic = false;  ///< y, where all is positive and the greatest value 20 times the least
};

/// The chart as an SVG element of a page (page.h), with a legend where there are several curves.
std::string svg_of(const Chart& chart);

/// "var(--c3)": the page's colour number n, from 0; they come round after eight.
std::string color_of(std::size_t n);

}  // namespace fkp
