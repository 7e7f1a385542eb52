// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>

#include "augment.h"

namespace fkp {

/// A made-up surface: plain, or a texture between coarse and fine. CV_8UC1, square.
cv::Mat texture(int size, Rng& rng);

/// A made-up picture of what small networks take for faces: discs and rings with marks inside, balls lit from one side,
/// letters, gratings and patches of texture. No face is in it. CV_8UC1, square.
cv::Mat clutter(int size, Rng& rng);

}  // namespace fkp
