// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>

#include "canvas.h"
#include "coverage.h"
#include "style.h"

namespace fkp {

/// Whether draw() may change a pixel. Does not check where the faces are.
bool anything_to_draw(const GstFkpMeta* meta, const Style& style);

/// Draws the faces on a frame of the given size in pixels, for which `canvas` and `coverage` (empty before and after) were created.
/// If the meta is for another size, its coordinates are scaled.
void draw(Canvas& canvas, Coverage& coverage, cv::Size size, const GstFkpMeta& meta, const Style& style);

}  // namespace fkp
