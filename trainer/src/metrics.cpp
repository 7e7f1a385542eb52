// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metrics.h"

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

constexpr double kFailure = 8;  // percent

double distance(const Point& a, const Point& b) { return std::hypot(a.x - b.x, a.y - b.y); }

}  // namespace

double nme(const Points& found, const Points& truth, const Scheme& scheme) {
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); i++) sum += distance(found[i], truth[i]);
  const auto [a, b] = scheme.normaliser;
  const double norm = a == b ? static_cast<double>(face_box(truth).width) : distance(truth[a], truth[b]);
  return 100 * sum / static_cast<double>(truth.size()) / norm;
}

Summary summarise(std::vector<double> errors) {
  if (errors.empty()) return {};
  std::sort(errors.begin(), errors.end());
  Summary s;
  const auto n = static_cast<double>(errors.size());
  s.faces = static_cast<int>(errors.size());
  s.median = (errors[(errors.size() - 1) / 2] + errors[errors.size() / 2]) / 2;
  for (double e : errors) {
    s.mean += e / n;
    s.fr8 += 100 * (e > kFailure) / n;
    s.auc8 += std::max(0.0, kFailure - e) / kFailure / n;
  }
  return s;
}

}  // namespace fkp
