// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/metrics.h"

#include <algorithm>
#include <cmath>

#include "data/median.h"

namespace fkp {
namespace {

constexpr double kFailure = 8;  // percent

double distance(const Point& a, const Point& b) { return std::hypot(a.x - b.x, a.y - b.y); }

}  // namespace

std::vector<double> point_errors(const Points& found, const Points& truth, const Scheme& scheme, float side) {
  const auto [a, b] = scheme.normaliser;
  const double norm = a == b ? static_cast<double>(side > 0 ? side : face_box(truth).width) : distance(truth[a], truth[b]);
  const double percent = norm > 0 ? 100 / norm : std::nan("");  // points of a broken label may coincide
  std::vector<double> errors;
  for (std::size_t i = 0; i < truth.size(); i++) errors.push_back(percent * distance(found[i], truth[i]));
  return errors;
}

double nme(const Points& found, const Points& truth, const Scheme& scheme, float side) {
  double sum = 0;
  int known = 0;
  for (double error : point_errors(found, truth, scheme, side)) {
    if (std::isnan(error)) continue;
    sum += error;
    known++;
  }
  return sum / known;  // 0 / 0 is NaN
}

Summary summarise(const std::vector<double>& errors) {
  if (errors.empty()) return {};
  Summary s;
  const auto n = static_cast<double>(errors.size());
  s.faces = static_cast<int>(errors.size());
  s.median = median(errors);
  for (double e : errors) {
    s.mean += e / n;
    s.fr8 += 100 * (e > kFailure) / n;
    s.auc8 += std::max(0.0, kFailure - e) / kFailure / n;
  }
  return s;
}

}  // namespace fkp
