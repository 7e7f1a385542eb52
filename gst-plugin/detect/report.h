// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <vector>

#include "fkp/core/face.h"
#include "fkp/core/statistics.h"

namespace fkp {

/// The statistics as a structure "fkpdetect-stats": each count under its name, and for each stage of a frame STAGE-mean and
/// STAGE-p99 in milliseconds. Transfer full.
GstStructure* stats_structure(const Statistics& statistics);

/// Posts an element message for each face that appeared or was lost between two frames.
class FaceMessages {
 public:
  /// Takes a frame's faces (none at the end of the stream) and, if `wanted`, posts what has changed.
  void update(GstElement* element, const std::vector<Face>& faces, GstClockTime timestamp, GstClockTime running_time, bool wanted);

 private:
  std::vector<Face> before_;
};

}  // namespace fkp
