// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/script.h>

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

// Private to libfkp, like runtime.h.

namespace fkp {

class Primitives;
struct PlanLayers;

/// The convolutional part of a network, and the layers that turn its maps into points, as one list of oneDNN primitives. Sums and ReLUs are
/// fused into the convolutions, layouts are passed on without reorders, and memory is planned once per input shape. libtorch runs the same
/// kernels, but looks each one up, dispatches it and allocates its output on every call: for small networks that takes half as long as the
/// arithmetic.
class Plan {
 public:
  /// Takes everything that it can run out of a frozen graph whose input is one float tensor on the CPU: convolutions, ReLU, sums, max
  /// pooling, nearest-neighbour upsampling, softmax over maps, means of maps, their sums weighted by constants or by other maps, and linear
  /// layers after these, as long as they depend on the input alone. The rest stays in the graph, whose inputs are then the tensors that
  /// run() returns. Returns nullptr if there is nothing to take, or only the lesser part of the convolutions (libtorch's own optimisation
  /// of the whole then does more), or if oneDNN cannot run it on the `example`, or has only its slow reference code for a convolution
  /// (neither seen yet for the shipped networks on x86-64 with AVX2 or AVX-512); the graph is unusable then. With `bfloat16`, convolutions
  /// multiply in that format, half as wide, and accumulate in float; softmax and sums stay in float.
  static std::unique_ptr<Plan> take(torch::jit::Graph& graph, const torch::Tensor& example, bool bfloat16 = false);

  /// Whether this processor has bfloat16 instructions; without them it would be slower.
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
  std::list<std::unique_ptr<Primitives>> shaped_;  // for the shapes that came last, the last one first
};

}  // namespace fkp
