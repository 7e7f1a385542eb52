// SPDX-License-Identifier: LGPL-2.1-or-later
// What is done with points: smoothing, and putting them on a buffer as metadata.
#include <benchmark/benchmark.h>
#include <gst/gst.h>

#include "attach.h"
#include "fkp/core/scheme.h"
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

/// A buffer as a decoder makes it, with the faces put on it, and away with it.
void put_on_buffer(benchmark::State& state, int count) {
  GstFkpScheme* scheme = gst_fkp_scheme_new_from_json(to_json(fkp::scheme("ibug-68")).c_str(), nullptr);
  const std::vector<Face> seen = faces(count, 180);
  while (state.KeepRunning()) {
    GstBuffer* buffer = gst_buffer_new();
    attach(buffer, scheme, 1920, 1080, seen);
    gst_buffer_unref(buffer);
  }
  gst_fkp_scheme_unref(scheme);
}

const bool added = [] {
  for (const int count : {1, 4, 8}) {
    benchmark::RegisterBenchmark(("smooth/" + faces_text(count)).c_str(), [=](benchmark::State& state) {
      smooth(state, count);
    })->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(("attach/" + faces_text(count)).c_str(), [=](benchmark::State& state) {
      put_on_buffer(state, count);
    })->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

}  // namespace
}  // namespace fkp::bench
