// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>

#include "fkp/core/geometry.h"

namespace fkp {

constexpr int kVideoBlack = 16, kVideoWhite = 235;  ///< in video range (ITU-R BT.601)

/// A greyscale picture as a decoder delivers it. `pixels` is CV_8UC1 and may be a view of memory that somebody else owns.
///
/// Coordinates "of the picture" count its pixels. Coordinates "in square pixels" are the same except that x is stretched by `pixel_aspect`,
/// so that circles are round: faces are detected, cropped and tracked in these.
struct Luma {
  cv::Mat pixels;
  bool video_range = false;  ///< black is kVideoBlack and white kVideoWhite, not 0 and 255
  float pixel_aspect = 1;    ///< width of a pixel divided by its height

  float from_square_x(float x) const { return (x + 0.5f) / pixel_aspect - 0.5f; }
  cv::Size2f square_size() const { return {static_cast<float>(pixels.cols) * pixel_aspect, static_cast<float>(pixels.rows)}; }
};

/// Throws std::invalid_argument if the picture is empty, not CV_8UC1, or its pixel aspect not above 0.
void check(const Luma& picture);

/// Cuts a region (in square pixels) out of a picture into a crop of `size` (see to_crop), in full range: black 0, white 255. If the
/// region's side is at least twice the crop's, shrinks by area averaging first; then interpolates bilinearly. Outside the picture its edge
/// is repeated. The trainer and the runtime both use this function. `crop` is reused if it fits.
void cut(const Luma& picture, const Region& region, cv::Size size, cv::Mat& crop);

}  // namespace fkp
