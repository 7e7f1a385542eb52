// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coverage.h"

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

int whole(int size) { return (size + 7) / 8 * 8; }
int clipped(float v, int end) { return static_cast<int>(std::clamp(v, 0.f, static_cast<float>(end))); }

}  // namespace

Coverage::Coverage(int width, int height, float pixel_aspect)
    : stride_(whole(width)),
      height_(whole(height)),
      aspect_(pixel_aspect),
      rows_{height_, 0},
      spans_(height_, {stride_, 0}),
      mask_(static_cast<std::size_t>(stride_) * height_) {}

void Coverage::disc(cv::Point2f center, float radius) { line(center, center, 2 * radius); }

void Coverage::line(cv::Point2f from, cv::Point2f to, float width) {
  // Everything in heights of a pixel, in which a pixel is aspect_ wide.
  const cv::Point2f a(from.x * aspect_, from.y), along((to.x - from.x) * aspect_, to.y - from.y);
  const float length2 = along.dot(along);
  if (!(length2 < 1e12f)) return;  // not a number, or far outside
  const float per_length2 = length2 > 0 ? 1 / length2 : 0;
  // Coverage falls from 1 to 0 over a pixel's extent across the edge, which is at most `soft`.
  const float soft = std::max(1.f, aspect_), reach = (width + soft) / 2, solid = std::max(0.f, (width - soft) / 2);

  const int top = clipped(std::ceil(a.y + std::min(along.y, 0.f) - reach), height_);
  const int bottom = clipped(std::floor(a.y + std::max(along.y, 0.f) + reach) + 1, height_);
  for (int y = top; y < bottom; y++) {
    // The part of the line that comes near this row bounds the pixels to look at.
    float t0 = 0, t1 = 1;
    if (std::abs(along.y) > 1e-3f) {
      t0 = std::clamp((static_cast<float>(y) - reach - a.y) / along.y, 0.f, 1.f);
      t1 = std::clamp((static_cast<float>(y) + reach - a.y) / along.y, 0.f, 1.f);
    }
    const float x0 = a.x + along.x * t0, x1 = a.x + along.x * t1;
    const int left = clipped(std::ceil((std::min(x0, x1) - reach) / aspect_), stride_);
    const int right = clipped(std::floor((std::max(x0, x1) + reach) / aspect_) + 1, stride_);
    if (left >= right) continue;
    rows_ = {std::min(rows_.first, y), std::max(rows_.last, y + 1)};
    spans_[y] = {std::min(spans_[y].first, left), std::max(spans_[y].last, right)};
    std::uint8_t* row = &mask_[static_cast<std::size_t>(y) * stride_];
    for (int x = left; x < right; x++) {
      const cv::Point2f p(static_cast<float>(x) * aspect_ - a.x, static_cast<float>(y) - a.y);
      const cv::Point2f off = p - along * std::clamp(p.dot(along) * per_length2, 0.f, 1.f);
      const float distance2 = off.dot(off);
      if (distance2 >= reach * reach) continue;
      if (distance2 <= solid * solid) {
        row[x] = 255;
        continue;
      }
      const float distance = std::sqrt(distance2);
      const float extent = aspect_ == 1 || distance == 0 ? 1 : std::hypot(off.x * aspect_, off.y) / distance;
      const float covered = std::clamp(0.5f + (width / 2 - distance) / extent, 0.f, 1.f);
      row[x] = std::max(row[x], static_cast<std::uint8_t>(covered * 255 + 0.5f));
    }
  }
}

void Coverage::clear() {
  for (int y = rows_.first; y < rows_.last; y++) {
    Span& span = spans_[y];
    std::uint8_t* row = &mask_[static_cast<std::size_t>(y) * stride_];
    if (span.first < span.last) std::fill(row + span.first, row + span.last, std::uint8_t{0});
    span = {stride_, 0};
  }
  rows_ = {height_, 0};
}

}  // namespace fkp
