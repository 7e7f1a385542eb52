// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "fkp/core/face.h"
#include "fkp/core/image.h"
#include "support/face68.h"

// Synthetic frames and faces for fkp-bench.

namespace fkp::bench {

struct FrameSize {
  const char* name;
  int width, height;
};
constexpr FrameSize kFrameSizes[] = {{"400x300", 400, 300}, {"1080p", 1920, 1080}, {"4K", 3840, 2160}};

inline std::string faces_text(int n) { return std::to_string(n) + (n == 1 ? " face" : " faces"); }

/// Video-range luma without flat areas.
inline Luma picture(FrameSize size) {
  Luma luma;
  luma.video_range = true;
  luma.pixels.create(size.height, size.width, CV_8UC1);
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++) luma.pixels.at<std::uint8_t>(y, x) = static_cast<std::uint8_t>(16 + (x * 7 + y * 13) % 220);
  return luma;
}

/// `n` faces of `side` pixels in a row.
inline std::vector<Face> faces(int n, float side) {
  std::vector<Face> all;
  for (int i = 0; i < n; i++) {
    const float x = 10 + 1.1f * side * static_cast<float>(i), y = 10;
    Face face;
    face.id = static_cast<std::uint32_t>(i + 1);
    face.box = {x, y, side, side};
    face.score = 0.98f;
    for (const test::FacePoint& p : test::face68()) face.points.push_back({x + side * p.x, y + side * p.y});
    all.push_back(face);
  }
  return all;
}

}  // namespace fkp::bench
