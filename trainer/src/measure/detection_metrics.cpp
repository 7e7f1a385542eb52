// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/detection_metrics.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace fkp {
namespace {

constexpr float kSame = 0.5f;  // intersection over union
constexpr double kFalsePerPicture = 0.1;
constexpr float kLeastCalibrated = 1e-3f;   // score
constexpr float kSmall = 32, kMedium = 96;  // pixels, as in COCO

struct Range {
  float from = 0, to = std::numeric_limits<float>::infinity();
  bool holds(const cv::Rect2f& box) const { return size_of(box) >= from && size_of(box) < to; }
};

struct Judged {
  float score;
  bool right;
};

struct Judgement {
  std::vector<Judged> boxes;  // best first
  int faces = 0;
};

/// Faces outside `range` are ignored, as are the boxes that match them, and those outside it that match no face.
Judgement judge(const std::vector<PictureResult>& pictures, const Range& range) {
  Judgement all;
  for (const PictureResult& picture : pictures) {
    for (const cv::Rect2f& face : picture.truth) all.faces += range.holds(face);
    const std::vector<int> match = matched(picture);
    for (std::size_t i = 0; i < match.size(); i++)
      if (range.holds(match[i] >= 0 ? picture.truth[match[i]] : picture.found[i].box))
        all.boxes.push_back({picture.found[i].score, match[i] >= 0});
  }
  std::stable_sort(all.boxes.begin(), all.boxes.end(), [](const Judged& a, const Judged& b) { return a.score > b.score; });
  return all;
}

std::vector<cv::Point2d> curve_of(const Judgement& all) {
  std::vector<cv::Point2d> curve;
  int right = 0;
  for (std::size_t i = 0; i < all.boxes.size(); i++) {
    if (!all.boxes[i].right) continue;
    right++;
    curve.emplace_back(static_cast<double>(right) / all.faces, static_cast<double>(right) / static_cast<double>(i + 1));
  }
  for (std::size_t i = curve.size(); i-- > 1;) curve[i - 1].y = std::max(curve[i - 1].y, curve[i].y);
  return curve;
}

double average_precision(const Judgement& all) {
  double area = 0;
  for (const cv::Point2d& p : curve_of(all)) area += p.y / all.faces;
  return area;
}

}  // namespace

PictureResult above(PictureResult picture, float threshold) {
  auto& found = picture.found;
  found.erase(std::remove_if(found.begin(), found.end(), [&](const FoundFace& f) { return f.score < threshold; }), found.end());
  return picture;
}

std::vector<int> matched(const PictureResult& picture) {
  std::vector<std::size_t> order(picture.found.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return picture.found[a].score > picture.found[b].score; });
  std::vector<int> match(picture.found.size(), -1);
  std::vector<bool> taken(picture.truth.size(), false);
  for (std::size_t i : order) {
    float best = kSame;
    for (std::size_t t = 0; t < picture.truth.size(); t++) {
      const float overlap = iou(picture.found[i].box, picture.truth[t]);
      if (taken[t] || overlap < best) continue;
      best = overlap;
      match[i] = static_cast<int>(t);
    }
    if (match[i] >= 0) taken[match[i]] = true;
  }
  return match;
}

std::vector<cv::Point2d> precision_over_recall(const std::vector<PictureResult>& pictures) { return curve_of(judge(pictures, {})); }

DetectionSummary detection_summary(const std::vector<PictureResult>& pictures) {
  DetectionSummary s;
  const Judgement all = judge(pictures, {});
  s.images = static_cast<int>(pictures.size());
  s.faces = all.faces;
  s.ap = average_precision(all);
  s.ap_small = average_precision(judge(pictures, {0, kSmall}));
  s.ap_medium = average_precision(judge(pictures, {kSmall, kMedium}));
  s.ap_large = average_precision(judge(pictures, {kMedium}));
  int right = 0, wrong = 0;
  for (const Judged& box : all.boxes) {
    (box.right ? right : wrong)++;
    if (wrong > kFalsePerPicture * s.images) break;
    if (!box.right) continue;
    s.recall_fppi01 = static_cast<double>(right) / std::max(1, s.faces);
    s.threshold_fppi01 = box.score;
  }
  return s;
}

std::optional<float> DetectionSummary::score_to_calibrate() const {
  if (recall_fppi01 == 0) return std::nullopt;
  return std::clamp(threshold_fppi01, kLeastCalibrated, 1 - kLeastCalibrated);
}

}  // namespace fkp
