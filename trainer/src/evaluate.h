// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <map>
#include <string>

#include "fkp/detector.h"
#include "fkp/keypoint_net.h"
#include "metrics.h"
#include "sample.h"

namespace fkp {

struct EvaluationOptions {
  Detector* detector = nullptr;  ///< whose boxes the network gets; null: the square around the annotated points
  float shrink = 0;              ///< the picture is shrunk until the face box has so many pixels; 0: as it is
  float blur = 0;                ///< standard deviation, in hundredths of the face box's side; 0: none
  float light = 1;               ///< that is left: each grey is multiplied by it
  float noise = 0;               ///< standard deviation, greys; 0: none
  float occlude = 0;             ///< side of a grey square over the face, as a share of the face box's side; 0: none
};

struct Evaluation {
  Summary summary;                                    ///< over the faces that were found; in fr8 and auc8, those that were not are failures
  int found = 0;                                      ///< faces that got a box: all of them without a detector
  int unmeasured = 0;                                 ///< left out of all this: the points that errors are divided by are not known
  std::map<std::string, double> parts;                ///< mean error of each of the scheme's parts, in percent as NME
  double rank_correlation = 0;                        ///< of confidence and error, over all points (Spearman)
  double confidence_hidden = 0, confidence_seen = 0;  ///< mean, of points under the square and of the others
  double faces_kept = 0;                              ///< percent of the found faces with a face score of 0.5 or more
  double background_refused = 0;                      ///< percent of regions without a face, in the same pictures, with a lower one
  double ms_per_face = 0;                             ///< median, crop included, one face a batch
};

/// Runs a network on samples as the plugin would.
Evaluation evaluate(KeypointNet& net, const std::vector<Sample>& samples, const EvaluationOptions& options);

}  // namespace fkp
