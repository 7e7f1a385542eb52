// SPDX-License-Identifier: LGPL-2.1-or-later
#include "evaluate.h"

#include <algorithm>
#include <chrono>

namespace fkp {

Evaluation evaluate(KeypointNet& net, const std::vector<Sample>& samples) {
  using Clock = std::chrono::steady_clock;
  const ModelDescription& model = net.description();
  std::vector<double> errors, times;
  for (const Sample& sample : samples) {
    const Region region = region_of(face_box(sample.points), model.margin);
    const auto start = Clock::now();
    const std::vector<Look> looks = net.look({sample.grey}, {region});
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    errors.push_back(nme(looks[0].points, sample.points, model.scheme));
  }
  std::sort(times.begin(), times.end());
  return {summarise(errors), times.empty() ? 0 : times[times.size() / 2]};
}

}  // namespace fkp
