// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

#include "fkp/core/geometry.h"

namespace fkp {

/// A face in a frame.
struct Face {
  std::uint32_t id = 0;  ///< from 1; the same while the face is tracked
  cv::Rect2f box;        ///< the face box
  float score = 0;       ///< in [0, 1]: how sure the keypoint network is that this is a face
  bool held = false;     ///< carried over from an earlier frame, not found in this one
  Points points;
};

}  // namespace fkp
