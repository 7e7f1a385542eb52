// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>
#include <vector>

#include "fkp/detector.h"

namespace fkp {

/// Faces that an upstream element found and attached to the buffer: its GstVideoRegionOfInterestMetas or, if none of them counts
/// and GStreamer is 1.24 or later, the object detections in its GstAnalyticsRelationMeta.
class UpstreamRegions : public Detector {
 public:
  /// `type`: of the regions that count ("face", "person" …); if empty, all do.
  explicit UpstreamRegions(std::string type) : type_(std::move(type)) {}

  /// Reads the regions of the frame that detect() is called with next.
  void read(GstBuffer* buffer);

  std::vector<Detection> detect(const Luma& picture) override;

 private:
  std::string type_;
  std::vector<Detection> boxes_;  // as attached: pixels of the frame, counted from its edge
};

}  // namespace fkp
