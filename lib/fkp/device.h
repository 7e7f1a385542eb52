// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <c10/core/Device.h>

#include <string>

// Private to this library and to the trainer: torch stays out of the public headers.

namespace fkp {

/// The device of a name: "cpu", "cuda" or "cuda:N", or "auto", which is CUDA where libtorch finds some and else the processor. So is
/// any other kind that libtorch was built with, by its own name ("xpu"). A name without a number means the first, or counted on
/// from there by `turn`, and anew behind the last. Throws Error (no_device).
c10::Device device_named(const std::string& name, int turn = 0);

}  // namespace fkp
