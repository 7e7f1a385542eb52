// SPDX-License-Identifier: LGPL-2.1-or-later
// The keypoint network, by default on one thread of the processor: cutting out the crops, queueing them, and the network itself.
#include "look.h"

#include <benchmark/benchmark.h>

#include "fkp/shared_net.h"
#include "scene.h"

namespace fkp::bench {
namespace {

constexpr int kApart = 8;  // faces of 180 pixels that have room in 1080p

std::vector<Region> regions_of(int count, const KeypointNet& net) {
  std::vector<Region> regions;
  const std::vector<Face> all = faces(std::min(count, kApart), 180);
  for (int i = 0; i < count; i++) regions.push_back(region_of(all[i % kApart].box, net.description().crop.margin));
  return regions;
}

/// One caller with that many faces at once.
void look(benchmark::State& state, KeypointNetOptions options, int count) {
  options.batch_size = count;
  KeypointNet net(options);
  const Luma frame = picture({"1080p", 1920, 1080});
  const std::vector<Region> regions = regions_of(count, net);
  while (state.KeepRunning()) benchmark::DoNotOptimize(net.look(frame, regions));
  state.SetItemsProcessed(state.iterations() * count);
}

/// A thread for each stream, which looks at one face after the other; all share the network.
void stream(benchmark::State& state, KeypointNetOptions options) {
  options.batch_size = state.threads();
  const auto net = shared_net("streams", options, "stream " + std::to_string(state.thread_index()));
  const Luma frame = picture({"1080p", 1920, 1080});
  const std::vector<Region> regions = regions_of(1, *net);
  while (state.KeepRunning()) benchmark::DoNotOptimize(net->look(frame, regions));
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

void add_looks(const KeypointNetOptions& options) {
  for (const int count : {1, 4, 8, 64, 512})
    benchmark::RegisterBenchmark(("look/" + faces_text(count)).c_str(), [=](benchmark::State& state) { look(state, options, count); })
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
  for (const int count : {1, 16, 128})
    benchmark::RegisterBenchmark("streams", [=](benchmark::State& state) { stream(state, options); })
        ->Threads(count)
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
}

}  // namespace fkp::bench
