// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>

#include "canvas.h"
#include "coverage.h"
#include "style.h"

namespace fkp {

/// Whether draw() may change a pixel; false can be told without looking where the faces are.
bool anything_to_draw(const GstFkpMeta* meta, const Style& style);

/// Draws the faces on a frame of the given size in pixels, which `canvas` and `coverage` (empty before and after) were made for.
/// Coordinates of a meta of another size are scaled to it.
void draw(Canvas& canvas, Coverage& coverage, cv::Size size, const GstFkpMeta& meta, const Style& style);

}  // namespace fkp
