// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/smoothing.h"

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

constexpr double kLongestGap = 1;        // seconds: a face that was unseen for longer starts afresh
constexpr float kVelocityCutoff = 2.0f;  // hertz

/// Weight of the new value in an exponential filter with this cut-off, for a step of `interval` seconds (Casiez et al., appendix).
float share(float cutoff, double interval) {
  const double r = 2 * M_PI * cutoff * interval;
  return static_cast<float>(r / (r + 1));
}

/// The box that lies around the square `is` as this one lies around `was`.
cv::Rect2f moved(const cv::Rect2f& box, const cv::Rect2f& was, const cv::Rect2f& is) {
  const float scale = was.width > 0 ? is.width / was.width : 1;
  return {is.x + (box.x - was.x) * scale, is.y + (box.y - was.y) * scale, box.width * scale, box.height * scale};
}

}  // namespace

double Smoother::advance(std::optional<double> time) {
  frames_since_++;
  double now = clock_ + interval_;
  if (time && last_time_ && *time > *last_time_) {
    interval_ = (*time - *last_time_) / frames_since_;
    // Over frames without a time, the clock may have run ahead.
    now = std::max(clock_then_ + (*time - *last_time_), clock_ + interval_ / 2);
  }
  clock_ = now;
  if (time) {
    last_time_ = time;
    clock_then_ = now;
    frames_since_ = 0;
  }
  return now;
}

void Smoother::smooth(std::vector<Face>& faces, std::optional<double> time, const SmoothingOptions& options) {
  const double now = advance(time);
  if (!options.on) {
    tracks_.clear();
    return;
  }
  std::map<std::uint32_t, Track> before;
  before.swap(tracks_);
  for (Face& face : faces) {
    Track track = std::move(before[face.id]);
    const double gap = now - track.time;
    if (track.points.size() != face.points.size() || (gap > kLongestGap && !face.held)) {
      track.points.clear();
      for (const Point& p : face.points) track.points.push_back({{p.x, p.y}, {p.x, p.y}, {0, 0}});
    } else if (!face.held) {
      const cv::Rect2f raw = face_box(face.points);
      const float width = std::max(raw.width, 1.f), step = share(kVelocityCutoff, gap);
      for (std::size_t i = 0; i < face.points.size(); i++) {
        auto& [at, last, velocity] = track.points[i];
        const cv::Point2f seen(face.points[i].x, face.points[i].y);
        velocity += step * ((seen - last) / static_cast<float>(gap) - velocity);
        last = seen;
        const float speed = std::hypot(velocity.x, velocity.y) / width;
        at += share(options.cutoff + options.beta * speed, gap) * (seen - at);
      }
    }
    if (!face.held) track.time = now;
    const cv::Rect2f was = face_box(face.points);
    for (std::size_t i = 0; i < face.points.size(); i++) {
      face.points[i].x = track.points[i].at.x;
      face.points[i].y = track.points[i].at.y;
    }
    face.box = moved(face.box, was, face_box(face.points));
    tracks_.emplace(face.id, std::move(track));
  }
}

void Smoother::reset() {
  tracks_.clear();
  last_time_.reset();
  frames_since_ = 0;
  interval_ = kNominalInterval;
}

}  // namespace fkp
