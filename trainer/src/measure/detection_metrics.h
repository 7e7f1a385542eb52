// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>
#include <optional>
#include <vector>

#include "data/sample.h"
#include "fkp/core/boxes.h"

namespace fkp {

constexpr float kLeastScore = 0.02f;  ///< of boxes that count: lower ones only affect the tail of the AP

/// The faces in a picture, and those that a detector found.
struct PictureResult {
  std::vector<cv::Rect2f> truth;
  std::vector<FoundFace> found;
};

/// The same with only those found faces whose score is at least the threshold.
PictureResult above(PictureResult picture, float threshold);

/// For each found face, in the order of `found`, the index of the true face that it matches, or −1. Matching goes from the best
/// score down: each takes the remaining true face that overlaps it most, with an intersection over union of at least 0.5.
std::vector<int> matched(const PictureResult& picture);

struct DetectionSummary {
  int images = 0, faces = 0;
  double ap = 0;  ///< average precision: area under precision (the best at that recall or more) over recall
  double ap_small = 0, ap_medium = 0, ap_large = 0;  ///< of faces below 32 pixels, to 96, above (size_of); 0 if there are none
  double recall_fppi01 = 0;                          ///< greatest recall with at most one false box per ten pictures
  float threshold_fppi01 = 1;                        ///< the score threshold for that recall; 1 if it is 0

  /// The score that calibration makes 0.5: threshold_fppi01, but away from 0 and 1, which no shift makes 0.5. None if the recall is 0.
  std::optional<float> score_to_calibrate() const;
};

DetectionSummary detection_summary(const std::vector<PictureResult>& pictures);

/// The curve whose area is the AP, in the order of recall: (recall, the best precision at that recall or more).
std::vector<cv::Point2d> precision_over_recall(const std::vector<PictureResult>& pictures);

}  // namespace fkp
