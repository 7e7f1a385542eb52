// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/script.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

// Private to libfkp, as runtime.h.

namespace fkp {

class Primitives;
struct PlanLayers;

/// The convolutional part of a network, and what makes points of its maps, as one list of oneDNN primitives. A convolution has its sum and
/// its ReLU inside, layouts follow one another without a reorder, and memory is laid out once a shape. libtorch runs the same kernels, but
/// looks each up, dispatches it and allocates its output anew: for small networks that takes half as long as the arithmetic.
class Plan {
 public:
  /// Takes out of a frozen graph of one float tensor on the processor whatever it can run: convolutions, ReLU, sums, pooling
  /// by the maximum, enlarging by repetition, softmax over maps, their means, their sums weighed by numbers or by other maps, and
  /// linear layers behind these, as far as they depend on the input alone. The graph keeps the rest; run()'s tensors are its
  /// inputs from then on. None where there is nothing to take, or where oneDNN cannot run it on the `example`
  /// (which no x86-64 with AVX2 or AVX-512 has shown yet); the graph is of no more use then.
  /// With `bfloat16` convolutions multiply in that format, half as wide, and add up in float; softmax and sums stay float.
  static std::unique_ptr<Plan> take(torch::jit::Graph& graph, const torch::Tensor& example, bool bfloat16 = false);

  /// Whether this processor has instructions for it; without, it would be slower.
  static bool knows_bfloat16();

  Plan();
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /// `input`: float, NCHW, contiguous. Throws std::exception.
  std::vector<c10::IValue> run(const torch::Tensor& input);

 private:
  std::unique_ptr<PlanLayers> layers_;
  bool bfloat16_ = false;
  std::map<std::vector<std::int64_t>, std::unique_ptr<Primitives>> shaped_;  // by the shape of the input
};

}  // namespace fkp
