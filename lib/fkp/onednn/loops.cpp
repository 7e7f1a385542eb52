// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/onednn/loops.h"

#include <algorithm>
#include <array>
#include <type_traits>

namespace fkp {
namespace {

/// Calls body(plane, channel, width) for each group of `width` adjacent channels of a plane. The width is a compile-time constant, so that
/// the compiler vectorises loops over it.
template <class Body>
void for_channels(const Grid& grid, Body&& body) {
  for (std::int64_t plane = 0; plane < grid.planes; plane++) {
    std::int64_t channel = 0;
    for (; channel + 16 <= grid.depth; channel += 16) body(plane, channel, std::integral_constant<std::size_t, 16>());
    for (; channel + 8 <= grid.depth; channel += 8) body(plane, channel, std::integral_constant<std::size_t, 8>());
    for (; channel < grid.depth; channel++) body(plane, channel, std::integral_constant<std::size_t, 1>());
  }
}

/// For each map, the sum of its pixels times weight(pixel's address, cell), written to one row of [planes, step, depth].
template <class Weight>
void sum_weighed(const float* from, const Grid& grid, float* to, std::int64_t step, Weight&& weight) {
  for_channels(grid, [&](std::int64_t plane, std::int64_t channel, auto width) {
    std::array<float, width> sums{};
    const float* pixel = from + plane * grid.cells() * grid.depth + channel;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, pixel += grid.depth)
      for (std::size_t i = 0; i < width; i++) sums[i] += pixel[i] * weight(pixel + i, cell);
    std::copy(sums.begin(), sums.end(), to + plane * step * grid.depth + channel);
  });
}

}  // namespace

void upsample(const float* from, const Grid& small, float* to, const Grid& large, bool add, bool relu) {
  const std::int64_t down = large.rows / small.rows, across = large.columns / small.columns;
  for (std::int64_t plane = 0; plane < large.planes; plane++)
    for (std::int64_t y = 0; y < large.rows; y++)
      for (std::int64_t x = 0; x < large.columns; x++) {
        const float* a = from + ((plane * small.rows + y / down) * small.columns + x / across) * large.depth;
        float* b = to + ((plane * large.rows + y) * large.columns + x) * large.depth;
        for (std::int64_t i = 0; i < large.depth; i++) {
          const float sum = a[i] + (add ? b[i] : 0);
          b[i] = relu ? std::max(sum, 0.f) : sum;
        }
      }
}

void subtract_maxima(const float* from, float* to, const Grid& grid) {
  for_channels(grid, [&](std::int64_t plane, std::int64_t channel, auto width) {
    const std::int64_t first = plane * grid.cells() * grid.depth + channel;
    std::array<float, width> highest;
    std::copy_n(from + first, width, highest.begin());
    const float* a = from + first;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, a += grid.depth)
      for (std::size_t i = 0; i < width; i++) highest[i] = std::max(highest[i], a[i]);
    a = from + first;
    float* b = to + first;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, a += grid.depth, b += grid.depth)
      for (std::size_t i = 0; i < width; i++) b[i] = a[i] - highest[i];
  });
}

void divide_by_sums(float* values, const Grid& grid) {
  for_channels(grid, [&](std::int64_t plane, std::int64_t channel, auto width) {
    float* const first = values + plane * grid.cells() * grid.depth + channel;
    std::array<float, width> factors{};
    const float* a = first;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, a += grid.depth)
      for (std::size_t i = 0; i < width; i++) factors[i] += a[i];
    for (float& f : factors) f = 1 / f;
    float* b = first;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, b += grid.depth)
      for (std::size_t i = 0; i < width; i++) b[i] *= factors[i];
  });
}

void sum_by_rows(const float* from, const Grid& grid, const float* rows, std::int64_t count, float* to) {
  for (std::int64_t row = 0; row < count; row++)
    sum_weighed(from, grid, to + row * grid.depth, count,
                [weights = rows + row * grid.cells()](const float*, std::int64_t cell) { return weights[cell]; });
}

void sum_products(const float* from, const float* other, const Grid& grid, float* to) {
  sum_weighed(from, grid, to, 1, [offset = other - from](const float* pixel, std::int64_t) { return pixel[offset]; });
}

}  // namespace fkp
