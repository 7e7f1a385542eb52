// SPDX-License-Identifier: LGPL-2.1-or-later
// Cutting a face's region out of a frame's luma: the cost should depend on the region, not on the frame.
#include <benchmark/benchmark.h>

#include "scene.h"

namespace fkp::bench {
namespace {

const cv::Size kCrop(112, 112);      // pixels, of the shipped network
constexpr float kMargin = 1.3f;      // the region's side divided by the face's
constexpr float kTurned = 0.1f;      // radians: a face is hardly ever upright
constexpr std::size_t kFrames = 16;  // used in turn, so that a frame is no longer in the nearest cache, as after a decoder

void cut_out(benchmark::State& state, FrameSize size, int face) {
  std::vector<Luma> frames;
  for (std::size_t i = 0; i < kFrames; i++) frames.push_back(picture(size));
  const Region region{
      {static_cast<float>(size.width) / 2, static_cast<float>(size.height) / 2}, kMargin * static_cast<float>(face), kTurned};
  cv::Mat crop;
  std::size_t turn = 0;
  while (state.KeepRunning()) {
    cut(frames[turn++ % kFrames], region, kCrop, crop);
    benchmark::DoNotOptimize(crop.data);
  }
}

const bool added = [] {
  for (const FrameSize size : kFrameSizes)
    for (const int face : {60, 120, 240, 480, 960})
      if (face < size.height)
        benchmark::RegisterBenchmark(("cut/" + std::string(size.name) + "/face of " + std::to_string(face) + " px").c_str(),
                                     [=](benchmark::State& state) { cut_out(state, size, face); })
            ->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace
}  // namespace fkp::bench
