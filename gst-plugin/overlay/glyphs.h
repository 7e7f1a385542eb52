// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>
#include <string>

#include "coverage.h"

namespace fkp {

/// A text's width in pixel heights, for characters `height` high.
float text_width(const std::string& text, float height);

/// Writes the digits, '#', '.' and ' ' with lines `stroke` wide. `at` is the lower left corner of the first character, in pixels.
void write(Coverage& coverage, const std::string& text, cv::Point2f at, float height, float stroke);

}  // namespace fkp
