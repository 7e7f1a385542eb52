// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "fkp/detector.h"

namespace fkp {
namespace {

class WholePictureDetector : public Detector {
 public:
  std::vector<Detection> detect(const Luma& picture) override { return {whole_picture(picture)}; }
};

}  // namespace

Detection whole_picture(const Luma& picture) {
  const auto [width, height] = picture.square_size();
  const float side = std::min(width, height);
  return {{(width - side) / 2 - 0.5f, (height - side) / 2 - 0.5f, side, side}, 1};
}

std::unique_ptr<Detector> make_whole_picture_detector() { return std::make_unique<WholePictureDetector>(); }

}  // namespace fkp
