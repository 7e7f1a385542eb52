// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/tracks.h"

#include <algorithm>
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
  for (std::size_t i = 0; i < looks.size(); i++) {
    const cv::Rect2f box = face_box(looks[i].points);
    if (looks[i].score < threshold || overlaps(box, faces_, kSameFaceFollowed)) continue;
    const std::uint32_t id = i < before.size() ? before[i].id : ++last_id_;
    faces_.push_back({id, box, looks[i].score, false, std::move(looks[i].points)});
  }
}

}  // namespace fkp
