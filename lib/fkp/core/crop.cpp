// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/crop.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace fkp {
namespace {

constexpr double kClipLimit = 2;  // times the mean of a tile's histogram
constexpr int kTiles = 8;         // along each side

}  // namespace

Region whole_region(const Luma& picture, cv::Size size) {
  const auto [width, height] = picture.square_size();
  const auto across = static_cast<float>(size.width), down = static_cast<float>(size.height);
  const float scale = std::min(across / width, down / height);
  return {{(width - 1) / 2, (height - 1) / 2}, std::min(across, down) / scale, 0};
}

Region region_of(const Luma& picture, const cv::Rect2f& face_box, const CropSpec& spec, float angle) {
  if (spec.whole_picture) return whole_region(picture, spec.size);
  Region region = region_of(face_box, spec.margin);
  region.angle = angle;
  return region;
}

void cut(const Luma& picture, const Region& region, const CropSpec& spec, cv::Mat& crop) {
  cut(picture, region, spec.size, crop);
  equalise(crop, spec.equalise);
}

void equalise(cv::Mat& crop, Equalise how) {
  switch (how) {
    case Equalise::none:
      break;
    case Equalise::histogram:
      cv::equalizeHist(crop, crop);
      break;
    case Equalise::clahe:
      cv::createCLAHE(kClipLimit, {kTiles, kTiles})->apply(crop, crop);
  }
}

}  // namespace fkp
