// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>

#include "fkp/core/image.h"

namespace fkp {

/// How a crop's grey levels are equalised before a network sees it.
enum class Equalise {
  none,
  histogram,  ///< cv::equalizeHist: all grey levels about equally frequent
  clahe,      ///< the same in 8×8 tiles, with limited contrast (Zuiderveld, "Graphics Gems IV", 1994; clip limit 2)
};

/// How a network's input is cut out of a picture. Used by both the trainer and the runtime.
struct CropSpec {
  cv::Size size;               ///< pixels
  float margin = 1.25f;        ///< the region's side divided by the face box's
  bool whole_picture = false;  ///< the input shows the whole picture, wherever the face is; `margin` is then ignored
  Equalise equalise = Equalise::none;
};

/// The upright region of a whole picture: the crop of `size` shows all of it, padded by repeating its edge if the aspect ratios differ.
Region whole_region(const Luma& picture, cv::Size size);

/// The region to crop for a face box, in square pixels, of a face rotated by `angle` (see Region).
Region region_of(const Luma& picture, const cv::Rect2f& face_box, const CropSpec& spec, float angle = 0);

/// Cuts out a region and equalises the crop as `spec` says.
void cut(const Luma& picture, const Region& region, const CropSpec& spec, cv::Mat& crop);

/// Equalises a CV_8UC1 crop in place.
void equalise(cv::Mat& crop, Equalise how);

}  // namespace fkp
