// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "data/sample.h"
#include "data/scenes.h"
#include "measure/detection_metrics.h"
#include "page/page.h"

namespace fkp {

/// Shows training pictures of a detector with their boxes and points.
void show_scenes(const std::vector<Scene>& scenes, const Scheme& scheme, Page& page);

/// The held-out pictures of a list of boxes, and a detector's results: results[i] for pictures[i].
struct HeldOut {
  std::string name;
  const std::vector<Picture>& pictures;
  const std::vector<PictureResult>& results;
};

/// Shows precision over recall of each list, and the pictures with the fewest and the most mistakes at a score of `threshold`.
void show_detections(const std::vector<HeldOut>& lists, float threshold, Page& page);

}  // namespace fkp
