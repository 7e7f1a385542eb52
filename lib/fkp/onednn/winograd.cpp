// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/onednn/winograd.h"

#include <algorithm>

#ifdef __x86_64__
#define FKP_AVX2 __attribute__((target("avx2,fma")))
#else
#define FKP_AVX2
#endif

namespace fkp {
namespace {

constexpr std::int64_t kBlock = 8;     // channels side by side in a register
constexpr std::int64_t kOutputs = 16;  // that are multiplied at once, for as many as
constexpr std::int64_t kTiles = 6;     // tiles: all sums stay in AVX2's sixteen registers

using Block = float __attribute__((vector_size(sizeof(float) * kBlock)));
/// The same anywhere in memory.
using BlockOfFloats = float __attribute__((vector_size(sizeof(float) * kBlock), aligned(alignof(float)), may_alias));

FKP_AVX2 inline Block load(const float* from) { return *reinterpret_cast<const BlockOfFloats*>(from); }
FKP_AVX2 inline void store(float* to, Block block) { *reinterpret_cast<BlockOfFloats*>(to) = block; }

/// Matrices of `size` numbers. They lie apart by what is rarely a power of two: the same places in all of them would compete for one set of
/// the cache.
struct Matrices {
  float* first;
  std::int64_t size;

  static std::int64_t padded(std::int64_t size) { return size + 16; }
  float* operator[](std::int64_t i) const { return first + i * padded(size); }
};

/// In one dimension, with the paper's names: the input's transform Bᵀd, and the output's, Aᵀm. `step` is the distance between elements.
template <int tile>
struct Transform;

template <>
struct Transform<2> {
  static constexpr int kSide = 4;
  static constexpr double kWeights[kSide][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

  FKP_AVX2 static inline void input(const Block* d, int step, Block* to) {
    const Block d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
    to[0] = d0 - d2;
    to[1] = d1 + d2;
    to[2] = d2 - d1;
    to[3] = d1 - d3;
  }

  FKP_AVX2 static inline void output(const Block* m, int step, Block* to) {
    const Block m0 = m[0], m1 = m[step], m2 = m[2 * step], m3 = m[3 * step];
    to[0] = m0 + m1 + m2;
    to[1] = m1 - m2 - m3;
  }
};

template <>
struct Transform<4> {
  static constexpr int kSide = 6;
  static constexpr double kWeights[kSide][3] = {
      {1. / 4, 0, 0}, {-1. / 6, -1. / 6, -1. / 6}, {-1. / 6, 1. / 6, -1. / 6}, {1. / 24, 1. / 12, 1. / 6}, {1. / 24, -1. / 12, 1. / 6},
      {0, 0, 1}};

  FKP_AVX2 static inline void input(const Block* d, int step, Block* to) {
    const Block d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
    const Block a = d4 - 4 * d2, b = d3 - 4 * d1, c = d4 - d2, e = 2 * (d3 - d1);
    to[0] = 4 * d0 - 5 * d2 + d4;
    to[1] = a + b;
    to[2] = a - b;
    to[3] = c + e;
    to[4] = c - e;
    to[5] = 4 * d1 - 5 * d3 + d5;
  }

  FKP_AVX2 static inline void output(const Block* m, int step, Block* to) {
    const Block m0 = m[0], m1 = m[step], m2 = m[2 * step], m3 = m[3 * step], m4 = m[4 * step], m5 = m[5 * step];
    const Block a = m1 + m2, b = m1 - m2, c = m3 + m4, d = m3 - m4;
    to[0] = m0 + a + c;
    to[1] = b + 2 * d;
    to[2] = a + 4 * c;
    to[3] = b + 8 * d + m5;
  }
};

/// A tile of a picture: its picture, and its first pixel of the output.
struct Place {
  std::int64_t picture, y, x;
};

/// Maps of several pictures, and where a block of channels of a pixel lies in them.
struct Maps {
  std::int64_t planes, rows, columns, depth;  // of a picture

  std::int64_t at(std::int64_t picture, std::int64_t block, std::int64_t y, std::int64_t x) const {
    const std::int64_t channel = block * kBlock;
    return (((picture * planes + channel / depth) * rows + y) * columns + x) * depth + channel % depth;
  }
  bool have(std::int64_t y, std::int64_t x) const { return y >= 0 && y < rows && x >= 0 && x < columns; }
};

/// Writes the tile's transformed input, one row of `to[i]` for each i.
template <int tile>
FKP_AVX2 void transform_input(const float* from, Maps maps, Place place, std::int64_t blocks, Matrices to, std::int64_t row) {
  using T = Transform<tile>;
  constexpr int kSide = T::kSide;
  const std::int64_t top = place.y - 1, left = place.x - 1;
  const bool whole = top >= 0 && left >= 0 && top + kSide <= maps.rows && left + kSide <= maps.columns;
  for (std::int64_t block = 0; block < blocks; block++) {
    Block pixels[kSide][kSide], columns[kSide][kSide];
    const std::int64_t corner = maps.at(place.picture, block, top, left);  // outside, perhaps
    if (whole) {
      for (int y = 0; y < kSide; y++)
        for (int x = 0; x < kSide; x++) pixels[y][x] = load(from + corner + (y * maps.columns + x) * maps.depth);
    } else {
      for (int y = 0; y < kSide; y++)
        for (int x = 0; x < kSide; x++)
          pixels[y][x] = maps.have(top + y, left + x) ? load(from + corner + (y * maps.columns + x) * maps.depth) : Block{};
    }
    for (int x = 0; x < kSide; x++) T::input(&pixels[0][x], kSide, columns[x]);
    for (int y = 0; y < kSide; y++) {
      Block rows[kSide];
      T::input(&columns[0][y], kSide, rows);
      for (int x = 0; x < kSide; x++) store(to[y * kSide + x] + (row * blocks + block) * kBlock, rows[x]);
    }
  }
}

/// Writes a tile: the transform of a row of `from`, of `rows`, with the bias and what is there already.
template <int tile>
FKP_AVX2 void transform_output(Matrices from, std::int64_t row, std::int64_t rows, const float* bias, bool add, bool relu, float* to,
                               Maps maps, Place place) {
  using T = Transform<tile>;
  constexpr int kSide = T::kSide;
  const std::int64_t end_y = std::min<std::int64_t>(tile, maps.rows - place.y),
                     end_x = std::min<std::int64_t>(tile, maps.columns - place.x);
  for (std::int64_t block = 0; block < maps.planes * maps.depth / kBlock; block++) {
    const std::int64_t channel = block * kBlock, offset = (channel / kOutputs * rows + row) * kOutputs + channel % kOutputs;
    Block products[kSide][kSide], columns[kSide][tile];
    for (int y = 0; y < kSide; y++)
      for (int x = 0; x < kSide; x++) products[y][x] = load(from[y * kSide + x] + offset);
    for (int x = 0; x < kSide; x++) T::output(&products[0][x], kSide, columns[x]);
    const Block zero{}, shift = load(bias + channel);
    float* const corner = to + maps.at(place.picture, block, place.y, place.x);
    for (int y = 0; y < tile; y++) {
      if (y == end_y) break;
      Block pixels[tile];
      T::output(&columns[0][y], tile, pixels);
      for (int x = 0; x < tile; x++) {
        if (x == end_x) break;
        float* pixel = corner + (y * maps.columns + x) * maps.depth;
        Block sum = pixels[x] + shift;
        if (add) sum += load(pixel);
        store(pixel, relu ? (sum < zero ? zero : sum) : sum);
      }
    }
  }
}

/// `tiles` rows of [inputs] times [inputs, 16].
template <int tiles>
FKP_AVX2 void multiply(const float* rows, std::int64_t inputs, const float* weights, float* products) {
  Block sums[tiles][2];  // not = {}: GCC 12 would clear them in memory first
  for (auto& sum : sums) sum[0] = sum[1] = Block{};
  for (std::int64_t i = 0; i < inputs; i++) {
    const Block first = load(weights + i * kOutputs), second = load(weights + i * kOutputs + kBlock);
    __builtin_prefetch(weights + (inputs + i) * kOutputs);  // what comes next: from the memory it takes longer than the arithmetic
    for (int t = 0; t < tiles; t++) {
      sums[t][0] += rows[t * inputs + i] * first;
      sums[t][1] += rows[t * inputs + i] * second;
    }
  }
  for (int t = 0; t < tiles; t++) {
    store(products + t * kOutputs, sums[t][0]);
    store(products + t * kOutputs + kBlock, sums[t][1]);
  }
}

constexpr decltype(&multiply<1>) kMultiply[] = {multiply<1>, multiply<2>, multiply<3>, multiply<4>, multiply<5>, multiply<kTiles>};

std::int64_t divided(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// In portions of nearly equal size.
void multiply_all(const float* rows, std::int64_t tiles, std::int64_t inputs, const float* weights, float* products) {
  std::int64_t done = 0;
  for (std::int64_t portions = divided(tiles, kTiles); portions > 0; portions--) {
    const std::int64_t now = divided(tiles - done, portions);
    kMultiply[now - 1](rows + done * inputs, inputs, weights, products + done * kOutputs);
    done += now;
  }
}

/// The weights' transform GgGᵀ.
template <int tile>
void transform_weights(const float* weight, std::int64_t outputs, std::int64_t inputs, std::int64_t places, float* to) {
  constexpr int kSide = Transform<tile>::kSide;
  const auto& g = Transform<tile>::kWeights;
  const std::int64_t matrix = divided(outputs, kOutputs) * places * kOutputs;
  for (std::int64_t out = 0; out < outputs; out++)
    for (std::int64_t in = 0; in < inputs; in++) {
      const float* kernel = weight + (out * inputs + in) * 9;
      float* place = to + (out / kOutputs * places + in) * kOutputs + out % kOutputs;
      for (int i = 0; i < kSide * kSide; i++) {
        double sum = 0;
        for (int k = 0; k < 9; k++) sum += g[i / kSide][k / 3] * static_cast<double>(kernel[k]) * g[i % kSide][k % 3];
        place[i * matrix] = static_cast<float>(sum);
      }
    }
}

}  // namespace

bool Winograd::runs_here() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

int Winograd::tile_for(std::int64_t count, std::int64_t rows, std::int64_t columns) {
  return std::min(rows, columns) > 2 && count * rows * columns >= 64 ? 4 : 2;
}

Winograd::Winograd(const float* weight, const float* bias, std::int64_t outputs, std::int64_t inputs, int tile)
    : inputs_(inputs),
      outputs_(outputs),
      padded_inputs_(divided(inputs, kBlock) * kBlock),
      padded_outputs_(divided(outputs, kOutputs) * kOutputs),
      tile_(tile),
      weights_(static_cast<std::size_t>((tile + 2) * (tile + 2) * padded_outputs_ / kOutputs * padded_inputs_)),
      bias_(static_cast<std::size_t>(padded_outputs_ / kOutputs)) {
  std::copy_n(bias, outputs, bias_.data()->values.data());
  (tile == 2 ? transform_weights<2> : transform_weights<4>)(weight, outputs, inputs, padded_inputs_, weights_.data()->values.data());
}

std::int64_t Winograd::pictures(const Grid& from) const { return from.planes / divided(inputs_, from.depth); }

/// As many as leave room in the second-level cache, but not so few that reading the weights takes longer than multiplying by them.
std::int64_t Winograd::tiles_at_once(const Grid& from) const {
  constexpr std::int64_t kFloats = (256 << 10) / sizeof(float), kLeast = 4 * kTiles;
  const std::int64_t all = pictures(from) * divided(from.rows, tile_) * divided(from.columns, tile_);
  return std::min(all, std::max(kLeast, kFloats / ((tile_ + 2) * (tile_ + 2) * (padded_inputs_ + padded_outputs_))));
}

std::int64_t Winograd::scratch(const Grid& from) const {
  const std::int64_t tiles = tiles_at_once(from);
  return (tile_ + 2) * (tile_ + 2) * (Matrices::padded(tiles * padded_inputs_) + Matrices::padded(tiles * padded_outputs_));
}

void Winograd::run(const float* from, const Grid& grid, float* to, bool add, bool relu, float* scratch) const {
  (this->*(tile_ == 2 ? &Winograd::run_tiles<2> : &Winograd::run_tiles<4>))(from, grid, to, add, relu, scratch);
}

template <int tile>
void Winograd::run_tiles(const float* from, const Grid& grid, float* to, bool add, bool relu, float* scratch) const {
  constexpr std::int64_t kMatrices = Transform<tile>::kSide * Transform<tile>::kSide;
  const std::int64_t across = divided(grid.columns, tile), in_picture = divided(grid.rows, tile) * across;
  const std::int64_t all = pictures(grid) * in_picture, most = tiles_at_once(grid), portions = padded_outputs_ / kOutputs;
  const Maps maps_in{divided(inputs_, grid.depth), grid.rows, grid.columns, grid.depth};
  const Maps maps_out{divided(outputs_, grid.depth), grid.rows, grid.columns, grid.depth};
  const Matrices inputs{scratch, most * padded_inputs_}, products{inputs[kMatrices], most * padded_outputs_};
  const float *weights = weights_.data()->values.data(), *bias = bias_.data()->values.data();
  for (std::int64_t first = 0; first < all; first += most) {
    const std::int64_t tiles = std::min(most, all - first);
    const auto place = [&](std::int64_t t) {
      const std::int64_t tile_of_picture = (first + t) % in_picture;
      return Place{(first + t) / in_picture, tile_of_picture / across * tile, tile_of_picture % across * tile};
    };
#pragma omp parallel for
    for (std::int64_t t = 0; t < tiles; t++) transform_input<tile>(from, maps_in, place(t), padded_inputs_ / kBlock, inputs, t);
#pragma omp parallel for
    for (std::int64_t i = 0; i < kMatrices * portions; i++)
      multiply_all(inputs[i / portions], tiles, padded_inputs_, weights + i * padded_inputs_ * kOutputs,
                   products[i / portions] + i % portions * tiles * kOutputs);
#pragma omp parallel for
    for (std::int64_t t = 0; t < tiles; t++) transform_output<tile>(products, t, tiles, bias, add, relu, to, maps_out, place(t));
  }
}

}  // namespace fkp
