// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame_filter.h"

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

bool moved(float from_x, float from_y, float to_x, float to_y, double most) {
  return static_cast<double>(std::hypot(to_x - from_x, to_y - from_y)) > most;
}

bool changed(const Face& from, const Face& to, double most) {
  if (from.id != to.id || from.held != to.held || from.points.size() != to.points.size()) return true;
  if (moved(from.box.x, from.box.y, to.box.x, to.box.y, most)) return true;
  if (moved(from.box.width, from.box.height, to.box.width, to.box.height, most)) return true;
  return !std::equal(from.points.begin(), from.points.end(), to.points.begin(),
                     [&](const Point& a, const Point& b) { return !moved(a.x, a.y, b.x, b.y, most); });
}

bool changed(const FrameRecord& from, const FrameRecord& to, double most) {
  if (from.width != to.width || from.height != to.height || from.faces.size() != to.faces.size()) return true;
  return !std::equal(from.faces.begin(), from.faces.end(), to.faces.begin(),
                     [&](const Face& a, const Face& b) { return !changed(a, b, most); });
}

// Time is divided into equal parts with one frame at most in each, so that the mean rate is right even if the frame rate is not a
// multiple of it. A hundredth of a part is added for timestamps that were rounded down.
double part(std::uint64_t time, double rate) { return std::floor(static_cast<double>(time) / 1e9 * rate + 0.01); }

}  // namespace

bool FrameFilter::wanted(const FrameRecord& record, std::optional<std::uint64_t> time, const FrameFilterOptions& options) {
  const bool limited = options.max_rate > 0 && time && last_time_;
  if (limited && part(*time, options.max_rate) == part(*last_time_, options.max_rate)) return false;
  if (options.only_when_changed && last_ && !changed(*last_, record, options.min_movement)) return false;
  if (options.only_when_changed)
    last_ = record;
  else
    last_.reset();  // if the option comes back, what was last published is not known
  if (time) last_time_ = time;
  return true;
}

}  // namespace fkp
