// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/geometry.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace fkp {
namespace {

struct Extent {
  float min_x, max_x, min_y, max_y;
  float side() const { return std::max(max_x - min_x, max_y - min_y); }
  cv::Point2f center() const { return {(min_x + max_x) / 2, (min_y + max_y) / 2}; }
};

Extent extent_of(const Points& points) {
  constexpr float kFar = std::numeric_limits<float>::infinity();
  Extent e{kFar, -kFar, kFar, -kFar};
  for (const Point& p : points) {
    if (!is_known(p)) continue;
    e = {std::min(e.min_x, p.x), std::max(e.max_x, p.x), std::min(e.min_y, p.y), std::max(e.max_y, p.y)};
  }
  if (e.min_x > e.max_x) throw std::invalid_argument("a face without points has no box");
  return e;
}

cv::Point2f middle_of(const Points& points, const Part& part) {
  cv::Point2f sum;
  int count = 0;
  for (int i : part.points)
    if (is_known(points[i])) {
      sum += {points[i].x, points[i].y};
      count++;
    }
  return sum / static_cast<float>(count);
}

cv::Matx23f rotation(float angle, float scale) {
  const float c = std::cos(angle) * scale, s = std::sin(angle) * scale;
  return {c, -s, 0, s, c, 0};
}

/// The map that rotates by `angle`, scales and takes `from` to `to`.
cv::Matx23f similarity(float angle, float scale, cv::Point2f from, cv::Point2f to) {
  cv::Matx23f m = rotation(angle, scale);
  m(0, 2) = to.x - m(0, 0) * from.x - m(0, 1) * from.y;
  m(1, 2) = to.y - m(1, 0) * from.x - m(1, 1) * from.y;
  return m;
}

cv::Point2f crop_center(cv::Size size) { return {static_cast<float>(size.width - 1) / 2, static_cast<float>(size.height - 1) / 2}; }

}  // namespace

cv::Rect2f face_box(const Points& points) {
  const Extent e = extent_of(points);
  const float side = e.side();
  return {e.center().x - side / 2, e.center().y - side / 2, side, side};
}

float roll_of(const Points& points, const Scheme& scheme) {
  const Part *right = scheme.part("right-eye"), *left = scheme.part("left-eye");
  if (!right || !left || right->points.empty() || left->points.empty()) return 0;
  const cv::Point2f d = middle_of(points, *left) - middle_of(points, *right);
  return std::atan2(d.y, d.x);
}

Region region_of(const Points& points, const Scheme& scheme, float margin) {
  const float roll = roll_of(points, scheme), angle = std::isnan(roll) ? 0 : roll;
  const cv::Matx23f upright = rotation(-angle, 1), back = rotation(angle, 1);
  Points turned;
  turned.reserve(points.size());
  for (const Point& p : points) turned.push_back(transformed(upright, p));
  const Extent e = extent_of(turned);
  const Point c = transformed(back, {e.center().x, e.center().y});
  return {{c.x, c.y}, std::max(e.side(), 1.f) * margin, angle};
}

Region region_of(const cv::Rect2f& box, float margin) {
  return {{box.x + box.width / 2, box.y + box.height / 2}, std::max(std::max(box.width, box.height), 1.f) * margin, 0};
}

cv::Matx23f to_crop(const Region& region, cv::Size size) {
  return similarity(-region.angle, static_cast<float>(std::min(size.width, size.height)) / region.side, region.center, crop_center(size));
}

cv::Matx23f from_crop(const Region& region, cv::Size size) {
  return similarity(region.angle, region.side / static_cast<float>(std::min(size.width, size.height)), crop_center(size), region.center);
}

Point transformed(const cv::Matx23f& m, const Point& p) {
  return {m(0, 0) * p.x + m(0, 1) * p.y + m(0, 2), m(1, 0) * p.x + m(1, 1) * p.y + m(1, 2), p.confidence};
}

float iou(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float both = (a & b).area(), any = a.area() + b.area() - both;
  return any > 0 ? both / any : 0;
}

}  // namespace fkp
