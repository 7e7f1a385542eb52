// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/onednn/loops.h"

#include <type_traits>

namespace fkp {
namespace {

/// What the vector registers of every processor hold. Given arrays of floats, compilers keep sums in memory.
using Four = float __attribute__((vector_size(16)));
/// The same anywhere in memory.
using FourFloats = float __attribute__((vector_size(16), aligned(alignof(float)), may_alias));

template <class Lane>
inline Lane load(const float* from) {
  if constexpr (std::is_same_v<Lane, Four>)
    return *reinterpret_cast<const FourFloats*>(from);
  else
    return *from;
}

inline void store(float* to, float lane) { *to = lane; }
inline void store(float* to, Four lane) { *reinterpret_cast<FourFloats*>(to) = lane; }

template <class Lane>
inline Lane larger(Lane a, Lane b) {
  return a < b ? b : a;
}

/// Adjacent channels that are worked on together.
template <class LaneType, int count>
struct Channels {
  using Lane = LaneType;
  static constexpr int kLanes = count;
  static constexpr int kLane = sizeof(Lane) / sizeof(float);
};

/// Calls body(plane, channel, Channels) for each group of adjacent channels of a plane.
template <class Body>
void for_channels(const Grid& grid, Body&& body) {
  for (std::int64_t plane = 0; plane < grid.planes; plane++) {
    std::int64_t channel = 0;
    for (; channel + 16 <= grid.depth; channel += 16) body(plane, channel, Channels<Four, 4>());
    for (; channel + 8 <= grid.depth; channel += 8) body(plane, channel, Channels<Four, 2>());
    for (; channel < grid.depth; channel++) body(plane, channel, Channels<float, 1>());
  }
}

/// For each map, the sum of its pixels times weight(pixel's address, cell), a number or a Lane, in one row of [planes, step, depth].
template <class Weight>
void sum_weighed(const float* from, Grid grid, float* to, std::int64_t step, Weight&& weight) {
  for_channels(grid, [&](std::int64_t plane, std::int64_t channel, auto channels) {
    using C = decltype(channels);
    using Lane = typename C::Lane;
    Lane sums[C::kLanes];
    for (Lane& sum : sums) sum = Lane{};
    const float* pixel = from + plane * grid.cells() * grid.depth + channel;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, pixel += grid.depth)
      for (int i = 0; i < C::kLanes; i++) sums[i] += load<Lane>(pixel + i * C::kLane) * weight(pixel + i * C::kLane, cell, channels);
    for (int i = 0; i < C::kLanes; i++) store(to + plane * step * grid.depth + channel + i * C::kLane, sums[i]);
  });
}

}  // namespace

void upsample(const float* from, Grid small, float* to, Grid large, bool add, bool relu) {
  const std::int64_t down = large.rows / small.rows, across = large.columns / small.columns;
  for_channels(small, [&](std::int64_t plane, std::int64_t channel, auto channels) {
    using C = decltype(channels);
    using Lane = typename C::Lane;
    for (std::int64_t y = 0; y < large.rows; y++)
      for (std::int64_t x = 0; x < small.columns; x++) {
        const float* a = from + ((plane * small.rows + y / down) * small.columns + x) * small.depth + channel;
        float* b = to + ((plane * large.rows + y) * large.columns + x * across) * large.depth + channel;
        for (std::int64_t i = 0; i < across; i++, b += large.depth)
          for (int lane = 0; lane < C::kLanes * C::kLane; lane += C::kLane) {
            Lane sum = load<Lane>(a + lane);
            if (add) sum += load<Lane>(b + lane);
            store(b + lane, relu ? (sum < 0 ? Lane{} : sum) : sum);
          }
      }
  });
}

void pool(const float* from, Grid large, float* to, Grid small) {
  const std::int64_t down = large.rows / small.rows, across = large.columns / small.columns;
  for_channels(small, [&](std::int64_t plane, std::int64_t channel, auto channels) {
    using C = decltype(channels);
    using Lane = typename C::Lane;
    for (std::int64_t y = 0; y < small.rows; y++)
      for (std::int64_t x = 0; x < small.columns; x++) {
        const float* a = from + ((plane * large.rows + y * down) * large.columns + x * across) * large.depth + channel;
        Lane highest[C::kLanes];
        for (int i = 0; i < C::kLanes; i++) highest[i] = load<Lane>(a + i * C::kLane);
        for (std::int64_t dy = 0; dy < down; dy++)
          for (std::int64_t dx = 0; dx < across; dx++)
            for (int i = 0; i < C::kLanes; i++)
              highest[i] = larger(highest[i], load<Lane>(a + (dy * large.columns + dx) * large.depth + i * C::kLane));
        float* b = to + ((plane * small.rows + y) * small.columns + x) * small.depth + channel;
        for (int i = 0; i < C::kLanes; i++) store(b + i * C::kLane, highest[i]);
      }
  });
}

void subtract_maxima(const float* from, float* to, Grid grid) {
  for_channels(grid, [&](std::int64_t plane, std::int64_t channel, auto channels) {
    using C = decltype(channels);
    using Lane = typename C::Lane;
    const std::int64_t first = plane * grid.cells() * grid.depth + channel;
    Lane highest[C::kLanes];
    for (int i = 0; i < C::kLanes; i++) highest[i] = load<Lane>(from + first + i * C::kLane);
    const float* a = from + first;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, a += grid.depth)
      for (int i = 0; i < C::kLanes; i++) highest[i] = larger(highest[i], load<Lane>(a + i * C::kLane));
    a = from + first;
    float* b = to + first;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, a += grid.depth, b += grid.depth)
      for (int i = 0; i < C::kLanes; i++) store(b + i * C::kLane, load<Lane>(a + i * C::kLane) - highest[i]);
  });
}

void divide_by_sums(float* values, Grid grid) {
  for_channels(grid, [&](std::int64_t plane, std::int64_t channel, auto channels) {
    using C = decltype(channels);
    using Lane = typename C::Lane;
    float* const first = values + plane * grid.cells() * grid.depth + channel;
    Lane factors[C::kLanes];
    for (Lane& factor : factors) factor = Lane{};
    const float* a = first;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, a += grid.depth)
      for (int i = 0; i < C::kLanes; i++) factors[i] += load<Lane>(a + i * C::kLane);
    for (Lane& factor : factors) factor = 1 / factor;
    float* b = first;
    for (std::int64_t cell = 0; cell < grid.cells(); cell++, b += grid.depth)
      for (int i = 0; i < C::kLanes; i++) store(b + i * C::kLane, load<Lane>(b + i * C::kLane) * factors[i]);
  });
}

void sum_by_rows(const float* from, Grid grid, const float* rows, std::int64_t count, float* to) {
  for (std::int64_t row = 0; row < count; row++)
    sum_weighed(from, grid, to + row * grid.depth, count,
                [weights = rows + row * grid.cells()](const float*, std::int64_t cell, auto) { return weights[cell]; });
}

void sum_products(const float* from, const float* other, Grid grid, float* to) {
  sum_weighed(from, grid, to, 1, [offset = other - from](const float* pixel, std::int64_t, auto channels) {
    return load<typename decltype(channels)::Lane>(pixel + offset);
  });
}

}  // namespace fkp
