// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cmath>

namespace fkp::test {

struct FacePoint {
  float x, y;
};

/// A schematic face, mostly arcs, its points in the order of the scheme ibug-68, its bounding square from (0, 0) to (1, 1).
inline std::array<FacePoint, 68> face68() {
  constexpr float kPi = 3.14159265f;
  std::array<FacePoint, 68> face{};
  std::size_t next = 0;
  // `n` points of an ellipse between two angles in half turns: 0 is right, 0.5 below, 1 left, 1.5 above.
  const auto arc = [&](int n, FacePoint center, FacePoint radius, float from, float to) {
    for (int i = 0; i < n; i++) {
      const float angle = kPi * (from + (to - from) * static_cast<float>(i) / static_cast<float>(n - 1));
      face[next++] = {center.x + radius.x * std::cos(angle), center.y + radius.y * std::sin(angle)};
    }
  };
  arc(17, {0.5f, 0.2f}, {0.5f, 0.8f}, 1, 0);           // jaw
  arc(5, {0.25f, 0.12f}, {0.17f, 0.12f}, 1.1f, 1.9f);  // brows
  arc(5, {0.75f, 0.12f}, {0.17f, 0.12f}, 1.1f, 1.9f);
  for (int i = 0; i < 4; i++) face[next++] = {0.5f, 0.2f + 0.1f * static_cast<float>(i)};  // bridge of the nose
  arc(5, {0.5f, 0.53f}, {0.11f, 0.05f}, 1, 0);                                             // nostrils
  arc(6, {0.27f, 0.22f}, {0.09f, 0.04f}, 1, 2.667f);                                       // eyes
  arc(6, {0.73f, 0.22f}, {0.09f, 0.04f}, 1, 2.667f);
  arc(12, {0.5f, 0.72f}, {0.19f, 0.09f}, 1, 2.8333f);  // lips, outside and inside
  arc(8, {0.5f, 0.72f}, {0.14f, 0.03f}, 1, 2.75f);
  return face;
}

}  // namespace fkp::test
