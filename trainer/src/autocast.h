// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace fkp {

/// While one lives, this thread's convolutions and matrix products on a processor are computed in bfloat16, their sums in
/// float32; weights and all other operations stay as they are. Without `on` nothing happens.
class Autocast {
 public:
  explicit Autocast(bool on) : on_(on) {
    if (!on_) return;
    set(true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();  // of the weights in bfloat16
    set(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  static void set(bool on) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCPU, on);
#else
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(on);
#endif
  }

  const bool on_;
};

/// Undoes it while one lives.
class NoAutocast {
  const c10::impl::ExcludeDispatchKeyGuard guard_{c10::autocast_dispatch_keyset};
};

/// What a network gives under it: bfloat16 is too coarse for coordinates. Nothing is traced where nothing is to be done.
inline torch::Tensor in_float(const torch::Tensor& x) { return x.scalar_type() == torch::kBFloat16 ? x.to(torch::kFloat) : x; }

}  // namespace fkp
