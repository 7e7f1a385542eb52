// SPDX-License-Identifier: LGPL-2.1-or-later
// What fkpoverlay costs per frame, from its input to its output: 1920×1080, faces of 400 pixels.
#include <benchmark/benchmark.h>
#include <gst/check/gstharness.h>
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include <string>
#include <vector>

#include "fkp/core/scheme.h"
#include "scene.h"

namespace fkp::bench {
namespace {

constexpr int kWidth = 1920, kHeight = 1080;
constexpr std::size_t kFrames = 16;  // used in turn, so that a frame is no longer in the cache, as after a decoder

void add_faces(GstBuffer* frame, GstFkpScheme* scheme, int count) {
  GstFkpMeta* meta = gst_fkp_buffer_add_meta(frame, scheme, kWidth, kHeight);
  for (int i = 0; i < count; i++) {
    const float side = 400, x = 40.f + 460.f * static_cast<float>(i), y = 300;
    std::vector<GstFkpPoint> points;
    for (const test::FacePoint& p : test::face68()) points.push_back({x + side * p.x, y + side * p.y, 1});
    gst_fkp_meta_add_face(meta, i + 1, x, y, side, side, 0.98f, FALSE, points.data(), points.size());
  }
}

void overlay(benchmark::State& state, const std::string& launch, const char* format, int faces) {
  gst_init(nullptr, nullptr);
  GstFkpScheme* scheme = gst_fkp_scheme_new_from_json(to_json(fkp::scheme("ibug-68")).c_str(), nullptr);
  GstVideoInfo info;
  gst_video_info_set_format(&info, gst_video_format_from_string(format), kWidth, kHeight);
  GstHarness* harness = gst_harness_new_parse(launch.c_str());
  gst_harness_set_src_caps(harness, gst_video_info_to_caps(&info));
  std::vector<GstBuffer*> frames;
  for (std::size_t i = 0; i < kFrames; i++) {
    frames.push_back(gst_buffer_new_allocate(nullptr, info.size, nullptr));
    gst_buffer_memset(frames.back(), 0, 100, info.size);
    add_faces(frames.back(), scheme, faces);
  }
  std::size_t turn = 0;
  while (state.KeepRunning()) {
    GstBuffer*& frame = frames[turn++ % kFrames];
    frame = gst_harness_push_and_pull(harness, frame);
  }
  for (GstBuffer* frame : frames) gst_buffer_unref(frame);
  gst_harness_teardown(harness);
  gst_fkp_scheme_unref(scheme);
}

void add(const std::string& properties, const char* format, int faces) {
  const std::string name = std::string("overlay/") + format + "/" + faces_text(faces) + (properties.empty() ? "" : "/" + properties);
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    overlay(state, "fkpoverlay " + properties, format, faces);
  })->Unit(benchmark::kMicrosecond);
}

const bool added = [] {
  add("", "NV12", 0);
  for (const char* format : {"NV12", "I420", "RGBA", "P010_10LE"})
    for (const int faces : {1, 4}) add("", format, faces);
  for (const char* style : {"points", "outline", "box", "full", "debug"}) add(std::string("style=") + style, "NV12", 1);
  return true;
}();

}  // namespace
}  // namespace fkp::bench
