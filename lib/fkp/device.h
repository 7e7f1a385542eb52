// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <c10/core/Device.h>

#include <string>

// Private to this library and to the trainer: torch stays out of the public headers.

namespace fkp {

/// The device with this name: "cpu", "cuda" or "cuda:N", or "auto", which is CUDA if libtorch finds a CUDA device, otherwise the CPU. Any
/// other kind that libtorch was built with goes by its own name ("xpu"). A name without a number means device number `turn`, modulo the
/// number of devices. Throws Error (no_device).
c10::Device device_named(const std::string& name, int turn = 0);

}  // namespace fkp
