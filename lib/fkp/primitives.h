// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

// Private to libfkp, as plan.h.

namespace fkp {

/// Makes a value of one or two others, all of them [N, channels, rows, columns]. Values are counted: 0 is the input, n the output
/// of layer n − 1. Pairs are of rows and columns. A map is all pixels of a channel.
struct PlanLayer {
  enum class Kind {
    convolution,
    pooling,
    enlarging,
    softmax,  ///< over each map
    sum       ///< of each map's pixels, weighed by `other`, by each row of `weight`, or all alike (their mean): [N, channels, 1 or rows, 1]
  };

  Kind kind = Kind::convolution;
  std::size_t input = 0;
  std::optional<std::size_t> addend;  ///< of the same shape as the output
  std::optional<std::size_t> other;   ///< of the same shape as the input
  bool relu = false;
  torch::Tensor weight, bias;  ///< of a convolution: [out, in, rows, columns] or with groups before, [out]; of a sum: [rows, pixels]
  std::vector<std::int64_t> kernel, stride, padding;
  std::vector<std::int64_t> size;  ///< of an enlarging's output, or
  std::int64_t factor = 1;         ///< of its output over its input

  bool is_by_rows() const { return kind == Kind::sum && weight.defined(); }
};

/// A value that is asked for, and in how many dimensions: what follows the last but one is flattened.
struct PlanOutput {
  std::size_t value;
  std::size_t dimensions;
};

struct PlanLayers {
  std::vector<PlanLayer> layers;
  std::vector<PlanOutput> outputs;

  /// The last layer that reads each value; for an output, beyond the last.
  std::vector<std::size_t> last_uses() const;

  /// Of each value, whether convolutions or pooling read it, and no loop writes into its place.
  std::vector<bool> convolved() const;
};

/// The layers as oneDNN primitives for one shape of the input.
class Primitives {
 public:
  /// Throws std::exception where oneDNN cannot do it.
  Primitives(const PlanLayers& layers, const std::vector<std::int64_t>& input, bool bfloat16);
  ~Primitives();
  Primitives(const Primitives&) = delete;
  Primitives& operator=(const Primitives&) = delete;

  static bool know_bfloat16();

  /// Of an input as told, float and contiguous, the outputs, plain.
  std::vector<torch::Tensor> run(const torch::Tensor& input);

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace fkp
