// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <map>
#include <string>

#include "data/sample.h"
#include "fkp/analyser.h"
#include "fkp/keypoint_net.h"
#include "measure/metrics.h"

namespace fkp {

struct EvaluationOptions {
  Analyser* analyser = nullptr;  ///< finds the faces as in fkpdetect; null: they are sought in the square around the annotated points
  float roll = 0;                ///< degrees by which the picture is turned clockwise around the face
  float shrink = 0;              ///< shrink the picture until the face box's side has this many pixels; 0: no shrinking
  float blur = 0;                ///< standard deviation, percent of the face box's side; 0: none
  float light = 1;               ///< factor by which each grey value is multiplied
  float noise = 0;               ///< standard deviation, grey levels; 0: none
  float occlude = 0;             ///< side of a grey square on the face, as a fraction of the face box's side; 0: none
};

struct Evaluation {
  Summary summary;                      ///< of the faces that were found; in fr8 and auc8, the others count as failures
  int found = 0;                        ///< faces that the analyser found; without one, all
  int unmeasured = 0;                   ///< faces left out of all this, because the points that normalise the error are unknown
  std::map<std::string, double> parts;  ///< mean error of each of the scheme's parts, in percent like the NME
  double rank_correlation = 0;          ///< Spearman's, of confidence and error, over all points
  double confidence_hidden = 0, confidence_seen = 0;  ///< mean confidence of points under the grey square, and of the others
  double faces_kept = 0;                              ///< percent of the found faces with a face score of 0.5 or more
  double background_refused = 0;  ///< percent of regions without a face, in the same pictures, with a face score below 0.5
  double ms_per_face = 0;         ///< median, with cropping, at batch size 1
};

/// Runs a network on samples as the plugin would.
Evaluation evaluate(KeypointNet& net, const std::vector<Sample>& samples, const EvaluationOptions& options);

}  // namespace fkp
