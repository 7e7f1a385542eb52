// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>

#include "fkp/core/image.h"

namespace fkp {

/// How a crop's greys are spread before a network sees it.
enum class Equalise {
  none,
  histogram,  ///< cv::equalizeHist: every grey as often as any other
  clahe,      ///< the same in 8×8 tiles, with limited contrast (Zuiderveld, "Graphics Gems IV", 1994; clip limit 2)
};

/// How a picture becomes a network's input. The trainer and the runtime both go by it.
struct CropSpec {
  cv::Size size;               ///< pixels
  float margin = 1.25f;        ///< side of the region over that of the face box
  bool whole_picture = false;  ///< the input shows the whole picture, wherever the face is; then `margin` has no meaning
  Equalise equalise = Equalise::none;
};

/// The upright region of a whole picture: its crop of `size` shows all of it and, where the shapes differ, some edge beside it.
Region whole_region(const Luma& picture, cv::Size size);

/// Where a network looks for the face in a face box, in square pixels.
Region region_of(const Luma& picture, const cv::Rect2f& face_box, const CropSpec& spec);

/// Where it looks next for the face of these points (see region_of of points and scheme).
Region region_of(const Luma& picture, const Points& points, const Scheme& scheme, const CropSpec& spec);

/// Cuts a region and equalises its crop as `spec` says.
void cut(const Luma& picture, const Region& region, const CropSpec& spec, cv::Mat& crop);

/// Equalises a CV_8UC1 crop in place.
void equalise(cv::Mat& crop, Equalise how);

}  // namespace fkp
