// SPDX-License-Identifier: LGPL-2.1-or-later
#include "coverage.h"

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

// Clamped as a float, because a very large coordinate does not fit an int.
int clipped(float v, int end) { return static_cast<int>(std::min(std::max(v, 0.f), static_cast<float>(end))); }

}  // namespace

Coverage::Coverage(int width, int height, float pixel_aspect)
    : words_((width + 64 * kCell - 1) / (64 * kCell)),
      stride_((width + kCell - 1) / kCell * kCell),
      height_(height + height % 2),
      aspect_(pixel_aspect),
      rows_{height_, 0},
      touched_(index(words_, height_)),
      mask_(index(stride_, height_)) {}

void Coverage::disc(cv::Point2f center, float radius) { line(center, center, 2 * radius); }

void Coverage::line(cv::Point2f from, cv::Point2f to, float width) {
  // Everything is in pixel heights; a pixel is aspect_ wide.
  const cv::Point2f a(from.x * aspect_, from.y), along((to.x - from.x) * aspect_, to.y - from.y);
  const float length2 = along.dot(along);
  if (!(length2 < 1e12f)) return;  // not a number, or far outside
  const float per_length2 = length2 > 0 ? 1 / length2 : 0, per_rise = std::abs(along.y) > 1e-3f ? 1 / along.y : 0;
  // Coverage falls from 1 to 0 over one pixel: the mean of its width and height.
  const float soft = (1 + aspect_) / 2, reach = (width + soft) / 2, per_soft = 255 / soft, per_aspect = 1 / aspect_;

  const int top = clipped(a.y + std::min(along.y, 0.f) - reach, height_);
  const int bottom = clipped(a.y + std::max(along.y, 0.f) + reach + 1, height_);
  for (int y = top; y < bottom; y++) {
    // Only pixels near the part of the line that comes close to this row can be covered.
    const float below = static_cast<float>(y) - a.y, middle = below * per_rise, half = std::abs(reach * per_rise);
    const float t0 = per_rise != 0 ? std::clamp(middle - half, 0.f, 1.f) : 0, t1 = per_rise != 0 ? std::clamp(middle + half, 0.f, 1.f) : 1;
    const float x0 = a.x + along.x * t0, x1 = a.x + along.x * t1;
    const int left = clipped((std::min(x0, x1) - reach) * per_aspect, stride_);
    const int right = clipped((std::max(x0, x1) + reach) * per_aspect + 1, stride_);
    if (left >= right) continue;
    touch(y, left, right);
    std::uint8_t* row = &mask_[index(stride_, y)];
    for (int x = left; x < right; x++) {  // without branches: most of these pixels are on an edge
      const float beside = static_cast<float>(x) * aspect_ - a.x;
      const float t = std::min(std::max((beside * along.x + below * along.y) * per_length2, 0.f), 1.f);
      const float dx = beside - along.x * t, dy = below - along.y * t;
      const float covered = std::min(std::max((reach - std::sqrt(dx * dx + dy * dy)) * per_soft + 0.5f, 0.f), 255.f);
      row[x] = std::max(row[x], static_cast<std::uint8_t>(static_cast<int>(covered)));
    }
  }
}

void Coverage::touch(int y, int left, int right) {
  rows_ = {std::min(rows_.first, y), std::max(rows_.last, y + 1)};
  for (int cell = left / kCell; cell <= (right - 1) / kCell; cell++)
    touched_[index(words_, y) + cell / 64] |= std::uint64_t{1} << cell % 64;
}

void Coverage::clear() {
  for (int y = rows_.first; y < rows_.last; y++) {
    for_each_cell(y, y, [&](int cell) { std::fill_n(&mask_[index(stride_, y) + index(kCell, cell)], kCell, std::uint8_t{0}); });
    std::fill_n(&touched_[index(words_, y)], words_, std::uint64_t{0});
  }
  rows_ = {height_, 0};
}

}  // namespace fkp
