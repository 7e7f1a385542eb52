// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <vector>

#include "data/sample.h"
#include "fkp/net_detector.h"
#include "measure/detection_metrics.h"

namespace fkp {

struct FaceEvaluation {
  std::vector<PictureResult> results;
  double ms_per_image = 0;  ///< median, one picture at a time, with resizing and postprocessing
};

/// Detects faces in pictures as the plugin would; the boxes are in the detector's own convention.
FaceEvaluation evaluate(NetDetector& detector, const std::vector<Picture>& pictures);

}  // namespace fkp
