// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>
#include <vector>

#include "fkp/core/boxes.h"

namespace fkp {

/// What a detector found in one picture beside what is there.
struct PictureResult {
  std::vector<cv::Rect2f> truth;
  std::vector<FoundFace> found;
};

/// For each found face, best score first, the face of the truth that it finds: the one that overlaps it most (intersection
/// over union at least a half) and that no better one took; −1 for none. Order: that of `found`.
std::vector<int> matched(const PictureResult& picture);

struct DetectionSummary {
  int images = 0, faces = 0;
  double ap = 0;                                     ///< area under precision (the best at that recall or more) over recall
  double ap_small = 0, ap_medium = 0, ap_large = 0;  ///< of faces below 32 pixels, to 96, above (size_of); 0 where there are none
  double recall_fppi01 = 0;                          ///< greatest recall with at most one false box in ten pictures
  float threshold_fppi01 = 1;                        ///< its least score
};

DetectionSummary detection_summary(const std::vector<PictureResult>& pictures);

/// The curve under which the AP lies, in the order of recall: (recall, the best precision at that recall or more).
std::vector<cv::Point2d> precision_over_recall(const std::vector<PictureResult>& pictures);

}  // namespace fkp
