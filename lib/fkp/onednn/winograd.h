// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "fkp/onednn/loops.h"

// Private to libfkp, like primitives.h: for where oneDNN has no such convolution (it had one for AVX-512, until its version 3).

namespace fkp {

/// A convolution of 3×3 with stride 1 and padding 1 in single precision, by Lavin and Gray, "Fast Algorithms for Convolutional Neural
/// Networks" (CVPR 2016): a tile of 4×4 (2×2) pixels takes 36 (16) multiplications for each pair of channels instead of 144 (36).
/// Maps are in oneDNN's layouts nChw8c and nChw16c, that is, [N, ceil(C / depth), H, W, depth], with zeros where there is no channel.
class Winograd {
 public:
  /// Whether this processor has the instructions that it is compiled for.
  static bool runs_here();

  /// The side of the tiles that suit maps of this size: 4, unless most of a tile would lie outside, or all pixels together are too few to
  /// pay for reading weights of more than twice the size.
  static int tile_for(std::int64_t count, std::int64_t rows, std::int64_t columns);

  /// `weight`: [outputs, inputs, 3, 3]; `bias`: [outputs]; `tile`: 2 or 4. Copies them.
  Winograd(const float* weight, const float* bias, std::int64_t outputs, std::int64_t inputs, int tile);

  /// How many floats run() needs to work with.
  std::int64_t scratch(const Grid& from) const;

  /// With `add`, adds the result to what is in `to`; then clamps at 0 with `relu`. Uses OpenMP's threads.
  void run(const float* from, const Grid& grid, float* to, bool add, bool relu, float* scratch) const;

 private:
  struct alignas(64) Line {
    std::array<float, 16> values{};
  };

  std::int64_t pictures(const Grid& from) const;
  std::int64_t tiles_at_once(const Grid& from) const;

  template <int tile>
  void run_tiles(const float* from, const Grid& grid, float* to, bool add, bool relu, float* scratch) const;

  const std::int64_t inputs_, outputs_;                // channels
  const std::int64_t padded_inputs_, padded_outputs_;  // to multiples of 8 and 16
  const int tile_;
  std::vector<Line> weights_;  // transformed: [(tile + 2)², padded outputs / 16, padded inputs, 16]
  std::vector<Line> bias_;
};

}  // namespace fkp
