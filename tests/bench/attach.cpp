// SPDX-License-Identifier: LGPL-2.1-or-later
// Attaching a frame's points to its buffer as metadata.
#include "attach.h"

#include <benchmark/benchmark.h>
#include <gst/gst.h>

#include "fkp/core/scheme.h"
#include "scene.h"

namespace fkp::bench {
namespace {

/// Makes a buffer as a decoder does, attaches the faces to it and frees it.
void put_on_buffer(benchmark::State& state, int count) {
  gst_init(nullptr, nullptr);
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
  for (const int count : {1, 4, 8})
    benchmark::RegisterBenchmark(("attach/" + faces_text(count)).c_str(), [=](benchmark::State& state) {
      put_on_buffer(state, count);
    })->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace
}  // namespace fkp::bench
