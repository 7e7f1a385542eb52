// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/tracks.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fkp {
namespace {

// A detector's box of a tracked face is off by a few tenths of its side; two faces side by side hardly overlap.
constexpr float kSameFaceDetected = 0.25f;
// Two tracks on one face converge to the same points; faces in front of each other overlap less.
constexpr float kSameFaceFollowed = 0.6f;
// A head that is looked at upside down may show a second face, which shares only half of the first one's box. Of 4,072 faces in crowds,
// four pairs share so much of the smaller box.
constexpr float kSameHead = 0.4f;
// An ear can look like a small profile: a detection on the head of a much larger face is not a face.
constexpr float kHead = 1.25f;        // a head's side divided by its face box's
constexpr float kMuchSmaller = 0.4f;  // times the larger one's height
constexpr float kFarthest = 1e6f;     // pixels: points farther out belong to no face, and their regions grow from frame to frame
constexpr float kSmallest = 4;        // pixels: points that lie closer do not either, and their regions shrink from frame to frame

bool lies_on(const cv::Rect2f& box, const cv::Rect2f& other) {
  const float x = std::abs(box.x + box.width / 2 - other.x - other.width / 2),
              y = std::abs(box.y + box.height / 2 - other.y - other.height / 2);
  return box.height < kMuchSmaller * other.height && x < kHead * other.width / 2 && y < kHead * other.height / 2;
}

}  // namespace

bool Look::shows_face(float threshold) const {
  const auto near = [](const Point& p) { return std::abs(p.x) < kFarthest && std::abs(p.y) < kFarthest; };  // false for NaN, too
  if (!(score >= threshold) || points.empty() || !std::all_of(points.begin(), points.end(), near)) return false;
  return points.size() == 1 || face_box(points).width >= kSmallest;
}

int Tracks::seen() const {
  return static_cast<int>(std::count_if(faces_.begin(), faces_.end(), [](const Face& f) { return !f.held; }));
}

int Tracks::newly_lost() const { return static_cast<int>(std::count(missed_.begin(), missed_.end(), 1)); }

bool Tracks::follows(const cv::Rect2f& box) const {
  const auto shared = [&](const Face& f) { return (f.box & box).area(); };
  return std::any_of(faces_.begin(), faces_.end(),
                     [&](const Face& f) { return !f.held && shared(f) > kSameHead * std::min(f.box.area(), box.area()); });
}

/// Keeps the tracks for which `keep(face, missed)` holds.
template <typename Keep>
void Tracks::keep_if(Keep keep) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < faces_.size(); i++) {
    if (!keep(faces_[i], missed_[i])) continue;
    if (kept != i) faces_[kept] = std::move(faces_[i]);
    missed_[kept++] = missed_[i];
  }
  faces_.resize(kept);
  missed_.resize(kept);
}

void Tracks::clear() {
  faces_.clear();
  missed_.clear();
}

void Tracks::limit(int count) {
  int room = count - std::min(seen(), count);  // for held ones
  int left = count;
  keep_if([&](const Face& f, int) { return f.held ? room-- > 0 : left-- > 0; });
}

void Tracks::confirm(const std::vector<Detection>& detections) {
  keep_if([&](const Face& f, int) {
    return std::any_of(detections.begin(), detections.end(), [&](const Detection& d) { return iou(f.box, d.box) > kSameFaceDetected; });
  });
}

void Tracks::resize(const std::vector<Detection>& detections) {
  for (Face& f : faces_)
    for (const Detection& d : detections) {
      if (iou(f.box, d.box) <= kSameFaceDetected) continue;
      const float more = d.box.width - f.box.width;
      f.box = {f.box.x - more / 2, f.box.y - more / 2, d.box.width, d.box.width};
      break;
    }
}

std::vector<Detection> Tracks::unfollowed(std::vector<Detection> detections) const {
  const auto followed = [&](const Detection& d) {
    return std::any_of(faces_.begin(), faces_.end(), [&](const Face& f) { return !f.held && iou(f.box, d.box) > kSameFaceDetected; });
  };
  const std::vector<Detection> all = detections;
  const auto on_a_head = [&](const Detection& d) {
    return std::any_of(faces_.begin(), faces_.end(), [&](const Face& f) { return !f.held && lies_on(d.box, f.box); }) ||
           std::any_of(all.begin(), all.end(), [&](const Detection& other) { return lies_on(d.box, other.box); });
  };
  const auto refused = [&](const Detection& d) { return followed(d) || on_a_head(d); };
  detections.erase(std::remove_if(detections.begin(), detections.end(), refused), detections.end());
  std::stable_sort(detections.begin(), detections.end(), [](auto& a, auto& b) { return a.score > b.score; });
  return detections;
}

void Tracks::update(std::vector<Look> looks, const TrackRules& rules) {
  constexpr float kNone = -1;
  std::vector<Face> now = faces_;
  std::vector<float> claims(now.size(), kNone);  // to what is seen: how little the face has moved, least if it was held
  for (std::size_t i = 0; i < now.size(); i++) {
    Look& look = looks.at(i);
    if (!look.shows_face(rules.face_threshold)) continue;
    now[i] = {now[i].id, look.box, look.score, false, std::move(look.points)};
    claims[i] = missed_[i] > 0 ? 0 : iou(now[i].box, faces_[i].box);
  }
  const auto is_taken_for = [&](std::size_t i, std::size_t other) {
    const bool same = i != other && claims[other] != kNone && iou(now[i].box, now[other].box) > kSameFaceFollowed;
    return same && (claims[other] > claims[i] || (claims[other] == claims[i] && other < i));
  };
  for (std::size_t i = 0; i < now.size(); i++) {
    bool seen = claims[i] != kNone;
    for (std::size_t other = 0; other < now.size() && seen; other++) seen = !is_taken_for(i, other);
    if (seen) {
      faces_[i] = now[i];  // later ones are compared with it
      missed_[i] = 0;
    } else {
      faces_[i].held = true;
      missed_[i]++;
    }
  }
}

void Tracks::add(std::vector<Look> looks, const TrackRules& rules) {
  for (Look& look : looks) {
    if (!look.shows_face(rules.face_threshold)) continue;
    const cv::Rect2f box = look.box;
    if (follows(box)) continue;
    const auto likeness = [&](const Face& f) { return f.held ? iou(f.box, box) : 0; };
    const auto held =
        std::max_element(faces_.begin(), faces_.end(), [&](const Face& a, const Face& b) { return likeness(a) < likeness(b); });
    Face face{0, box, look.score, false, std::move(look.points)};
    if (held != faces_.end() && likeness(*held) > kSameFaceDetected) {
      face.id = held->id;
      missed_[static_cast<std::size_t>(held - faces_.begin())] = 0;
      *held = std::move(face);
    } else {
      face.id = ++last_id_;
      faces_.push_back(std::move(face));
      missed_.push_back(0);
    }
  }
}

void Tracks::pass_over() {
  for (int& missed : missed_)
    if (missed > 0) missed++;
}

void Tracks::drop_lost(const TrackRules& rules) {
  keep_if([&](const Face&, int missed) { return missed <= rules.max_lost_frames; });
}

}  // namespace fkp
