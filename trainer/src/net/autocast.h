// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace fkp {

/// Whether the device has instructions for bfloat16; of a CUDA device, it is assumed (Ampere and later have).
inline bool has_bfloat16(c10::Device device) {
#ifdef __x86_64__
  return !device.is_cpu() || __builtin_cpu_supports("avx512bf16");
#else
  return !device.is_cpu();
#endif
}

/// During its lifetime, this thread's convolutions and matrix products on the device (CPU or CUDA) are computed in bfloat16 and
/// accumulated in float32; weights and all other operations are unaffected. No effect unless `on`.
class Autocast {
 public:
  Autocast(bool on, c10::Device device) : on_(on), type_(device.type()) {
    if (!on_) return;
    set(true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();  // the weights' bfloat16 copies
    set(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  void set(bool on) const {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    at::autocast::set_autocast_dtype(type_, at::kBFloat16);
    at::autocast::set_autocast_enabled(type_, on);
#else
    if (type_ == at::kCPU) {
      at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
      at::autocast::set_cpu_enabled(on);
    } else {
      at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
      at::autocast::set_enabled(on);
    }
#endif
  }

  const bool on_;
  const c10::DeviceType type_;
};

/// Suspends autocast during its lifetime.
class NoAutocast {
  const c10::impl::ExcludeDispatchKeyGuard guard_{c10::autocast_dispatch_keyset};
};

/// A network's output under autocast as float32: bfloat16 is too coarse for coordinates. A trace without autocast records no
/// operation.
inline torch::Tensor in_float(const torch::Tensor& x) { return x.scalar_type() == torch::kBFloat16 ? x.to(torch::kFloat) : x; }

}  // namespace fkp
