// SPDX-License-Identifier: LGPL-2.1-or-later
#include "regions.h"

#include <gst/video/video.h>

#include "analytics.h"
#include "fkp/model.h"

namespace fkp {
namespace {

/// Face detectors mostly give a face from forehead to chin, as the boxes do that models/fkpface.pt was trained on.
DetectorDescription usual_detector() {
  DetectorDescription usual;
  usual.shift_y = 0.125f;
  usual.side = 0.918f;
  return usual;
}

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
  static const DetectorDescription usual = usual_detector();
  std::vector<Detection> faces;
  for (const Detection& d : boxes_) {
    const cv::Rect2f box(d.box.x * picture.pixel_aspect - 0.5f, d.box.y - 0.5f, d.box.width * picture.pixel_aspect, d.box.height);
    if (!box.empty()) faces.push_back({face_box_of(box, 0, usual), d.score});
  }
  return faces;
}

}  // namespace fkp
