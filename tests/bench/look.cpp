// SPDX-License-Identifier: LGPL-2.1-or-later
// The shipped network on one thread: cutting out the crops, queueing them, and the network itself.
#include <benchmark/benchmark.h>

#include "fkp/keypoint_net.h"
#include "scene.h"

namespace fkp::bench {
namespace {

void look(benchmark::State& state, int count) {
  KeypointNet net({"fkp68", "cpu", 1});
  const Luma frame = picture({"1080p", 1920, 1080});
  std::vector<Region> regions;
  for (const Face& face : faces(count, 180)) regions.push_back(region_of(face.box, net.description().crop.margin));
  while (state.KeepRunning()) benchmark::DoNotOptimize(net.look(frame, regions));
}

const bool added = [] {
  for (const int count : {1, 4, 8})
    benchmark::RegisterBenchmark(("look/" + faces_text(count)).c_str(), [=](benchmark::State& state) { look(state, count); })
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime();
  return true;
}();

}  // namespace
}  // namespace fkp::bench
