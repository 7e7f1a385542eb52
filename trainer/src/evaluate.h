// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "fkp/keypoint_net.h"
#include "metrics.h"
#include "sample.h"

namespace fkp {

struct Evaluation {
  Summary summary;
  double ms_per_face = 0;  ///< median, crop included, one face a batch
};

/// Runs a network on samples as the plugin would, from the face box of the annotated points.
Evaluation evaluate(KeypointNet& net, const std::vector<Sample>& samples);

}  // namespace fkp
