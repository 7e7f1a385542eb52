// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "fkp/detector.h"

namespace fkp {
namespace {

class WholePictureDetector : public Detector {
 public:
  std::vector<Detection> detect(const Luma& picture) override {
    const float w = static_cast<float>(picture.pixels.cols) * picture.pixel_aspect, h = static_cast<float>(picture.pixels.rows);
    const float side = std::min(w, h);
    return {{{(w - side) / 2 - 0.5f, (h - side) / 2 - 0.5f, side, side}, 1}};
  }
};

}  // namespace

std::unique_ptr<Detector> make_whole_picture_detector() { return std::make_unique<WholePictureDetector>(); }

}  // namespace fkp
