// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "page/page.h"

namespace fkp {
namespace {

constexpr double kWidth = 560, kHeight = 250, kLeft = 58, kRight = 14, kTop = 30, kBottom = 38;
constexpr double kLegendRow = 17;
constexpr std::size_t kColors = 8, kDotsAtMost = 120;  // dots show their values on hover

/// Maps a range of values to a range of pixels.
struct Axis {
  double low = 0, high = 1, from = 0, to = 1;
  bool logarithmic = false;

  double operator()(double value) const {
    const double share = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return from + (to - from) * share;
  }
};

/// The step, 1, 2 or 5 times a power of ten, of which about `count` fit into the range.
double step_of(double range, int count) {
  const double rough = range / count, power = std::pow(10, std::floor(std::log10(rough)));
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough) return factor * power;
  return 10 * power;
}

std::vector<double> ticks_of(const Axis& axis, int count, double least_step = 0) {
  std::vector<double> ticks;
  if (!axis.logarithmic) {
    const double step = std::max(step_of(axis.high - axis.low, count), least_step);
    for (double i = std::ceil(axis.low / step - 1e-9); i * step <= axis.high * (1 + 1e-9) + step * 1e-6; i++)
      ticks.push_back(i * step + 0.0);  // no −0
    return ticks;
  }
  const bool few = std::log10(axis.high / axis.low) > 3;
  for (double power = std::pow(10, std::floor(std::log10(axis.low))); power <= axis.high; power *= 10)
    for (double factor : few ? std::vector<double>{1} : std::vector<double>{1, 2, 5})
      if (factor * power >= axis.low * 0.999 && factor * power <= axis.high * 1.001) ticks.push_back(factor * power);
  return ticks;
}

constexpr auto n = pixels_text;

std::string label(double x, double y, const char* anchor, const std::string& text, const char* more = "") {
  return "<text x=\"" + n(x) + "\" y=\"" + n(y) + "\" text-anchor=\"" + anchor + "\"" + more + ">" + escaped(text) + "</text>";
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// A range that can be drawn, even if there are no values or all are equal: shares may not exceed their whole.
Range widened(Range r) {
  if (!(r.low <= r.high)) return {0, 1};
  if (r.low < r.high) return r;
  if (r.low == 0) return {0, 1};
  return {r.low - std::abs(r.low) * 0.1, r.high};
}

/// One of the page's colours.
std::string color_of(std::size_t number) { return "var(--c" + std::to_string(number % kColors) + ")"; }

/// Dashed when the colours are used up.
std::string stroke_of(std::size_t number) {
  return " style=\"stroke:" + color_of(number) + (number >= kColors ? ";stroke-dasharray:5 3" : "") + "\"";
}

std::string drawn(const Curve& curve, std::size_t number, const Axis& x, const Axis& y) {
  std::string svg, path;
  bool inside = false;
  for (const cv::Point2d& p : curve.points) {
    const bool visible = std::isfinite(p.y) && (!y.logarithmic || p.y > 0);
    if (visible) path.append(inside ? "L" : "M").append(n(x(p.x))).append(" ").append(n(y(p.y)));
    inside = visible;
  }
  if (!path.empty()) svg = "<path class=\"curve\"" + stroke_of(number) + " d=\"" + path + "\"/>";
  if (curve.points.size() > kDotsAtMost) return svg;
  for (const cv::Point2d& p : curve.points)
    if (std::isfinite(p.y) && (!y.logarithmic || p.y > 0))
      svg += "<circle cx=\"" + n(x(p.x)) + "\" cy=\"" + n(y(p.y)) + "\" r=\"2.2\" style=\"fill:" + color_of(number) + "\"><title>" +
             escaped(curve.name) + ": " + number_text(p.y) + " at " + number_text(p.x) + "</title></circle>";
  return svg;
}

}  // namespace

std::string svg_of(const Chart& chart) {
  Range xs, ys;
  bool counts = true;  // of epochs
  for (const Curve& curve : chart.curves)
    for (const cv::Point2d& p : curve.points) {
      xs.take(p.x);
      ys.take(p.y);
      counts &= p.x == std::round(p.x);
    }
  const bool logarithmic = chart.may_be_logarithmic && ys.low > 0 && ys.high > 20 * ys.low && std::isfinite(ys.high);
  xs = widened(xs);
  ys = widened(ys);
  if (!logarithmic) {  // to the next round values, and to 0 if that is near
    const double step = step_of(ys.high - ys.low, 4);
    ys = {std::floor(ys.low / step) * step, std::ceil(ys.high / step) * step};
  }
  const std::size_t legend = chart.curves.size() > 1 ? chart.curves.size() : 0;
  const double height = kHeight + kLegendRow * static_cast<double>(legend);
  const Axis x{xs.low, xs.high, kLeft, kWidth - kRight, false}, y{ys.low, ys.high, kHeight - kBottom, kTop, logarithmic};

  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"" + n(kWidth) + "\" height=\"" + n(height) +
                    "\" viewBox=\"0 0 " + n(kWidth) + " " + n(height) + "\"><title>" + escaped(chart.title) + "</title>" +
                    label(kLeft, 18, "start", chart.title, " font-weight=\"600\"");
  for (double tick : ticks_of(y, 4))
    svg += "<path class=\"grid\" d=\"M" + n(kLeft) + " " + n(y(tick)) + "H" + n(kWidth - kRight) + "\"/>" +
           label(kLeft - 6, y(tick) + 4, "end", number_text(tick), " class=\"soft\"");
  for (double tick : ticks_of(x, 8, counts ? 1 : 0))
    svg += label(x(tick), kHeight - kBottom + 16, "middle", number_text(tick), " class=\"soft\"");
  svg += label(kWidth - kRight, kHeight - 6, "end", chart.x, " class=\"soft\"");
  for (std::size_t i = 0; i < chart.curves.size(); i++) svg += drawn(chart.curves[i], i, x, y);
  for (std::size_t i = 0; i < legend; i++) {
    const double row = kHeight + kLegendRow * static_cast<double>(i) + 6;
    svg += "<path class=\"curve\"" + stroke_of(i) + " d=\"M" + n(kLeft) + " " + n(row - 4) + "h22\"/>" +
           label(kLeft + 30, row, "start", chart.curves[i].name);
  }
  return svg + "</svg>\n";
}

}  // namespace fkp
