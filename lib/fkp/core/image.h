// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>

#include "fkp/core/geometry.h"

namespace fkp {

/// A grey picture as a decoder leaves it. `pixels` is CV_8UC1 and may be a view of memory that somebody else owns.
///
/// Coordinates "of the picture" count its pixels. Coordinates "in square pixels" are the same but for x, which is
/// stretched by `pixel_aspect`, so that a circle is a circle: faces are sought, cut and followed in these.
struct Luma {
  cv::Mat pixels;
  bool video_range = false;  ///< black is 16 and white 235 (ITU-R BT.601), not 0 and 255
  float pixel_aspect = 1;    ///< width of a pixel over its height

  float from_square_x(float x) const { return (x + 0.5f) / pixel_aspect - 0.5f; }
};

/// Cuts a region (in square pixels) out of a picture into a crop of `size` (see to_crop) and full range: black 0, white 255.
/// Shrinks by area where the region has twice the crop's pixels or more, bilinear otherwise; what lies outside the
/// picture repeats its edge. The trainer and the runtime both cut with this function. `crop` is reused when it fits.
void cut(const Luma& picture, const Region& region, cv::Size size, cv::Mat& crop);

}  // namespace fkp
