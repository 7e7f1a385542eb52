// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/evaluate_faces.h"

#include <chrono>

#include "data/median.h"

namespace fkp {

FaceEvaluation evaluate(NetDetector& detector, const std::vector<Picture>& pictures) {
  using Clock = std::chrono::steady_clock;
  FaceEvaluation e;
  std::vector<double> times;
  for (const Picture& picture : pictures) {
    e.results.push_back({picture.faces, detector.find({picture.grey}, kLeastScore)});
    const auto start = Clock::now();  // of the search as in a pipeline: with AP's low least score, it takes longer
    detector.detect({picture.grey});
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  e.ms_per_image = median(times);
  return e;
}

}  // namespace fkp
