// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

// Private to libfkp, as primitives.h: what oneDNN does slowly in its own layouts, or not at all.

namespace fkp {

/// A layout as planes of rows of pixels, each of so many numbers: [N·C/16, H, W, 16], or [N, H, W, C].
struct Grid {
  std::int64_t planes, rows, columns, depth;

  std::int64_t cells() const { return rows * columns; }
};

/// Of each pixel a square; added to what is there already if `add`, and then nothing below 0 if `relu`.
void enlarge(const float* from, const Grid& small, float* to, const Grid& large, bool add, bool relu);

/// From each map, which is all pixels of a channel, its maximum.
void subtract_maxima(const float* from, float* to, const Grid& grid);

/// Each map, so that it sums up to 1.
void divide_by_sums(float* values, const Grid& grid);

/// Of each map the sums of its pixels times the numbers of each row: [planes, rows, depth].
void sum_by_rows(const float* from, const Grid& grid, const float* rows, std::int64_t count, float* to);

/// Of each map the sum of its pixels times those of another: [planes, depth].
void sum_products(const float* from, const float* other, const Grid& grid, float* to);

}  // namespace fkp
