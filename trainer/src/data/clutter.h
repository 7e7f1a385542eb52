// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>

#include "data/augment.h"

namespace fkp {

/// A synthetic surface: plain, or a coarse to fine texture. CV_8UC1, square.
cv::Mat texture(int size, Rng& rng);

/// Covers these pixels with such a surface.
void fill_with_texture(cv::Mat pixels, Rng& rng);

/// A synthetic picture without faces, of what small networks mistake for them: discs and rings with marks inside, balls lit
/// from one side, letters, gratings and patches of texture. CV_8UC1, square.
cv::Mat clutter(int size, Rng& rng);

}  // namespace fkp
