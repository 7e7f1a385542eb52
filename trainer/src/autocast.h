// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace fkp {

/// While one lives, this thread's convolutions and matrix products on a device, a processor or CUDA, are computed in bfloat16, their
/// sums in float32; weights and all other operations stay as they are. Without `on` nothing happens.
class Autocast {
 public:
  Autocast(bool on, c10::Device device) : on_(on), type_(device.type()) {
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

/// Undoes it while one lives.
class NoAutocast {
  const c10::impl::ExcludeDispatchKeyGuard guard_{c10::autocast_dispatch_keyset};
};

/// What a network gives under it: bfloat16 is too coarse for coordinates. Nothing is traced where nothing is to be done.
inline torch::Tensor in_float(const torch::Tensor& x) { return x.scalar_type() == torch::kBFloat16 ? x.to(torch::kFloat) : x; }

}  // namespace fkp
