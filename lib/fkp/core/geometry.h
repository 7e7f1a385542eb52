// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cmath>
#include <limits>
#include <opencv2/core/matx.hpp>
#include <opencv2/core/types.hpp>
#include <vector>

#include "fkp/core/scheme.h"

// All coordinates: pixel centres at integers, origin top left.

namespace fkp {

/// A keypoint. Confidence in [0, 1]; 1 if the network gives none.
struct Point {
  float x = 0, y = 0;
  float confidence = 1;
};
using Points = std::vector<Point>;

/// A point whose position is unknown, as in partly labelled data. Boxes and regions ignore it.
inline Point unknown_point() { return {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::quiet_NaN(), 0}; }
inline bool is_known(const Point& p) { return !std::isnan(p.x) && !std::isnan(p.y); }

/// Where a point or box of a picture lies after the picture is scaled, by `s.x` across and `s.y` down: its edge, at −0.5, stays.
inline cv::Point2f scaled(cv::Point2f p, cv::Point2f s) { return {(p.x + 0.5f) * s.x - 0.5f, (p.y + 0.5f) * s.y - 0.5f}; }
inline cv::Rect2f scaled(const cv::Rect2f& box, cv::Point2f s) {
  return {scaled(box.tl(), s), cv::Size2f(box.width * s.x, box.height * s.y)};
}
inline Point scaled(const Point& p, cv::Point2f s) {
  const cv::Point2f to = scaled(cv::Point2f(p.x, p.y), s);
  return {to.x, to.y, p.confidence};
}

/// A square region of a picture, rotated so that the eyes are level.
struct Region {
  cv::Point2f center;
  float side = 0;   ///< > 0
  float angle = 0;  ///< radians, clockwise on the screen
};

/// A vector rotated by `angle`, clockwise on the screen.
inline cv::Point2f turned(cv::Point2f v, float angle) {
  return {std::cos(angle) * v.x - std::sin(angle) * v.y, std::sin(angle) * v.x + std::cos(angle) * v.y};
}

/// The square around the points, the face box of a network whose points span the face; its side is the larger of their two extents, its
/// centre the middle of both. Upright, whatever the face's own angle. Throws std::invalid_argument if no point is known.
cv::Rect2f face_box(const Points& points);

/// The angle by which the face is rotated, in radians, clockwise on the screen: that of the line from the middle of the part "right-eye" to
/// the middle of "left-eye". 0 for a scheme without them; NaN if one of them has no known point.
float roll_of(const Points& points, const Scheme& scheme);

/// The region in which to look for a face next, from its current points: the square around them in the face's own rotated axes, enlarged by
/// `margin` (1.25 leaves an eighth on each side). Throws std::invalid_argument if there are no points.
Region region_of(const Points& points, const Scheme& scheme, float margin);

/// The upright region of a face box, enlarged by `margin`.
Region region_of(const cv::Rect2f& face_box, float margin);

/// The affine map from a picture to the crop of a region, of `size` pixels: the region is centred in the crop and fills its shorter side;
/// along the longer side the crop shows more. from_crop() is the inverse.
cv::Matx23f to_crop(const Region& region, cv::Size size);
cv::Matx23f from_crop(const Region& region, cv::Size size);

/// Applies the map to p; the confidence stays the same.
Point transformed(const cv::Matx23f& map, const Point& p);

/// Intersection over union of two boxes, in [0, 1]; 0 if both are empty.
float iou(const cv::Rect2f& a, const cv::Rect2f& b);

}  // namespace fkp
