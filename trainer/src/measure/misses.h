// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <vector>

#include "data/sample.h"
#include "measure/detection_metrics.h"

namespace fkp {

/// Writes a picture of a detector's worst errors at a score threshold: above the line the largest faces that it missed, each with
/// its size in pixels, below it the false boxes with the highest scores, each with its score. At most `count` of each.
/// Throws Error (unwritten).
void write_misses(const std::vector<Picture>& pictures, const std::vector<PictureResult>& results, float threshold, int count,
                  const std::filesystem::path& file);

}  // namespace fkp
