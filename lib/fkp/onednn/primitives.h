// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

// Private to libfkp, like plan.h.

namespace fkp {

/// Computes a value from one or two others, all of them [N, channels, rows, columns]. Values are numbered: 0 is the input, n the output of
/// layer n − 1. Pairs are rows and columns. A map is all pixels of a channel.
struct PlanLayer {
  enum class Kind {
    convolution,
    pooling,
    upsampling,
    softmax,  ///< over each map
    sum       ///< of each map's pixels, weighted by `other`, by each row of `weight`, or equally (their mean): [N, channels, 1 or rows, 1]
  };

  Kind kind = Kind::convolution;
  std::size_t input = 0;
  std::optional<std::size_t> addend;  ///< added to the output, of the same shape
  std::optional<std::size_t> other;   ///< weights of a sum, of the same shape as the input
  bool relu = false;
  torch::Tensor weight, bias;  ///< convolution: [out, in, rows, columns] or with groups in front, and [out]; sum: [rows, pixels]
  std::vector<std::int64_t> kernel, stride, padding;
  std::vector<std::int64_t> size;  ///< upsampling: size of the output, or, if empty:
  std::int64_t factor = 1;         ///< its ratio to the size of the input

  bool is_by_rows() const { return kind == Kind::sum && weight.defined(); }
};

/// An output value and its number of dimensions: trailing dimensions are flattened into the last one.
struct PlanOutput {
  std::size_t value;
  std::size_t dimensions;
};

struct PlanLayers {
  std::vector<PlanLayer> layers;
  std::vector<PlanOutput> outputs;

  /// For each value, the last layer that reads it; for an output, one past the last layer.
  std::vector<std::size_t> last_uses() const;

  /// For each value, whether convolutions or pooling read it and no loop writes into its memory.
  std::vector<bool> convolved() const;
};

/// The layers as oneDNN primitives, or as loops of our own where it has none or slow ones, for one input shape.
class Primitives {
 public:
  /// With `like`, of the same layers, shares the weights whose layouts are the same. Throws std::exception if oneDNN cannot run them.
  Primitives(const PlanLayers& layers, const std::vector<std::int64_t>& input, bool bfloat16, const Primitives* like = nullptr);
  ~Primitives();
  Primitives(const Primitives&) = delete;
  Primitives& operator=(const Primitives&) = delete;

  static bool know_bfloat16();

  /// The input's shape.
  const std::vector<std::int64_t>& input() const;

  /// Whether oneDNN has an implementation of its own for each convolution on this processor, not only its reference.
  bool are_fast() const;

  /// The outputs, in plain layout, for a contiguous float input of that shape.
  std::vector<torch::Tensor> run(const torch::Tensor& input);

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace fkp
