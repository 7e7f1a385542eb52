// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "detection_metrics.h"
#include "page/page.h"
#include "sample.h"
#include "scenes.h"

namespace fkp {

/// Training pictures of a detector with their boxes and points.
void show_scenes(const std::vector<Scene>& scenes, const Scheme& scheme, Page& page);

/// A list of boxes that was held out, and what a detector found in its pictures; results[i] is of pictures[i].
struct HeldOut {
  std::string name;
  const std::vector<Picture>& pictures;
  const std::vector<PictureResult>& results;
};

/// Precision over recall of each list, and the pictures that have the most and the fewest mistakes at a score of `threshold`.
void show_detections(const std::vector<HeldOut>& lists, float threshold, Page& page);

}  // namespace fkp
