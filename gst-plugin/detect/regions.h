// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>
#include <vector>

#include "fkp/detector.h"

namespace fkp {

/// Faces that an element upstream found, as it wrote them on the buffer: its GstVideoRegionOfInterestMetas, or where it has none
/// and GStreamer is 1.24 or later, the object detections of its GstAnalyticsRelationMeta.
class UpstreamRegions : public Detector {
 public:
  /// `type`: of the regions that count ("face", "person" …); empty: all do.
  explicit UpstreamRegions(std::string type) : type_(std::move(type)) {}

  /// Reads the regions of the frame whose picture detect() is given next.
  void read(GstBuffer* buffer);

  std::vector<Detection> detect(const Luma& picture) override;

 private:
  std::string type_;
  std::vector<Detection> boxes_;  // as they were written: pixels of the picture, counted from its edge
};

}  // namespace fkp
