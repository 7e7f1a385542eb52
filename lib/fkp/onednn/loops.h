// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

// Private to libfkp, like primitives.h: what oneDNN does slowly in its own layouts, or not at all.

namespace fkp {

/// A memory layout: planes of rows of pixels, with `depth` adjacent numbers per pixel, such as [N·C/16, H, W, 16] or [N, H, W, C].
struct Grid {
  std::int64_t planes, rows, columns, depth;

  std::int64_t cells() const { return rows * columns; }
};

/// Nearest-neighbour upsampling: writes a block for each pixel, or adds it to what is there if `add`; then clamps at 0 if `relu`.
void upsample(const float* from, Grid small, float* to, Grid large, bool add, bool relu);

/// Max pooling: each pixel's maximum over a block of its own.
void pool(const float* from, Grid large, float* to, Grid small);

/// Subtracts from each map (all pixels of one channel) its maximum.
void subtract_maxima(const float* from, float* to, Grid grid);

/// Scales each map so that it sums to 1.
void divide_by_sums(float* values, Grid grid);

/// For each map, the sums of its pixels weighted by each of `count` rows, which hold one weight per pixel: [planes, count, depth].
void sum_by_rows(const float* from, Grid grid, const float* rows, std::int64_t count, float* to);

/// For each map, the sum of its pixels times those of the same map in `other`: [planes, depth].
void sum_products(const float* from, const float* other, Grid grid, float* to);

}  // namespace fkp
