// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/tracks.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fkp {
namespace {

// A detector's box of a followed face is off by a few tenths of its side; two faces beside each other hardly overlap.
constexpr float kSameFaceDetected = 0.25f;
// Two tracks on one face converge to the same points; faces in front of each other overlap less.
constexpr float kSameFaceFollowed = 0.6f;

bool overlaps(const cv::Rect2f& box, const std::vector<Face>& faces, float threshold) {
  return std::any_of(faces.begin(), faces.end(), [&](const Face& f) { return iou(f.box, box) > threshold; });
}

}  // namespace

bool Look::shows_face(float threshold) const {
  const auto finite = [](const Point& p) { return std::isfinite(p.x) && std::isfinite(p.y); };
  return score >= threshold && !points.empty() && std::all_of(points.begin(), points.end(), finite);
}

void Tracks::limit(int count) {
  if (faces_.size() > static_cast<std::size_t>(std::max(count, 0))) faces_.resize(std::max(count, 0));
}

void Tracks::confirm(const std::vector<Detection>& detections) {
  const auto seen = [&](const Face& f) {
    return std::any_of(detections.begin(), detections.end(), [&](const Detection& d) { return iou(f.box, d.box) > kSameFaceDetected; });
  };
  faces_.erase(std::remove_if(faces_.begin(), faces_.end(), [&](const Face& f) { return !seen(f); }), faces_.end());
}

std::vector<Detection> Tracks::unfollowed(std::vector<Detection> detections, int max_faces) const {
  detections.erase(
      std::remove_if(detections.begin(), detections.end(), [&](const Detection& d) { return overlaps(d.box, faces_, kSameFaceDetected); }),
      detections.end());
  std::stable_sort(detections.begin(), detections.end(), [](auto& a, auto& b) { return a.score > b.score; });
  const auto room = static_cast<std::size_t>(std::max(0, max_faces - static_cast<int>(faces_.size())));
  if (detections.size() > room) detections.resize(room);
  return detections;
}

void Tracks::update(std::vector<Look> looks, float threshold) {
  const std::vector<Face> before = std::exchange(faces_, {});
  for (std::size_t i = 0; i < before.size(); i++) keep(before[i].id, std::move(looks.at(i)), threshold);
}

void Tracks::add(std::vector<Look> looks, float threshold) {
  for (Look& look : looks) {
    const std::size_t before = faces_.size();
    keep(last_id_ + 1, std::move(look), threshold);
    if (faces_.size() > before) last_id_++;
  }
}

void Tracks::keep(std::uint32_t id, Look look, float threshold) {
  if (!look.shows_face(threshold)) return;
  const cv::Rect2f box = face_box(look.points);
  if (overlaps(box, faces_, kSameFaceFollowed)) return;
  faces_.push_back({id, box, look.score, false, std::move(look.points)});
}

}  // namespace fkp
