// SPDX-License-Identifier: LGPL-2.1-or-later
#include "regions.h"

#include <gst/video/video.h>

#include <cmath>

#include "analytics.h"

namespace fkp {
namespace {

// From a face detector's box, forehead to chin, to the square around the points, as in models/fkpface.pt. kShiftY is a fraction of the
// box's height, kSide of the root of its area.
constexpr float kShiftY = 0.125f, kSide = 0.919f;

}  // namespace

void UpstreamRegions::read(GstBuffer* buffer) {
  boxes_.clear();
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
    const auto* region = reinterpret_cast<const GstVideoRegionOfInterestMeta*>(meta);
    if (!type_.empty() && (region->roi_type == 0 || type_ != g_quark_to_string(region->roi_type))) continue;
    boxes_.push_back({cv::Rect2f(cv::Rect2i(static_cast<int>(region->x), static_cast<int>(region->y), static_cast<int>(region->w),
                                            static_cast<int>(region->h))),
                      1});
  }
  if (boxes_.empty()) boxes_ = detected_objects(buffer, type_);
}

std::vector<Detection> UpstreamRegions::detect(const Luma& picture) {
  std::vector<Detection> faces;
  for (const Detection& d : boxes_) {
    const cv::Rect2f box(d.box.x * picture.pixel_aspect, d.box.y, d.box.width * picture.pixel_aspect, d.box.height);
    if (box.empty()) continue;
    const float side = kSide * std::sqrt(box.area());
    const float x = box.x + box.width / 2 - 0.5f, y = box.y + (0.5f + kShiftY) * box.height - 0.5f;
    faces.push_back({{x - side / 2, y - side / 2, side, side}, d.score});
  }
  return faces;
}

}  // namespace fkp
