// SPDX-License-Identifier: LGPL-2.1-or-later
// Smoothing the points of a frame.
#include <benchmark/benchmark.h>

#include "fkp/core/smoothing.h"
#include "scene.h"

namespace fkp::bench {
namespace {

void smooth(benchmark::State& state, int count) {
  Smoother smoother;
  SmoothingOptions options;
  options.on = true;
  const std::vector<Face> seen = faces(count, 180);
  std::vector<Face> shown;
  double time = 0;
  while (state.KeepRunning()) {
    shown = seen;
    smoother.smooth(shown, time += 1 / 30.0, options);
    benchmark::DoNotOptimize(shown.data());
  }
}

const bool added = [] {
  for (const int count : {1, 4, 8})
    benchmark::RegisterBenchmark(("smooth/" + faces_text(count)).c_str(), [=](benchmark::State& state) {
      smooth(state, count);
    })->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace
}  // namespace fkp::bench
