// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gtest/gtest.h>
#include <torch/version.h>

namespace fkp::test {

/// A device that every machine has, for what must hold on any that is no processor: that all tensors of a step lie on it, and that
/// nobody reads its memory from outside. Its memory is out of the process's reach but while libtorch's own code works on it, so a
/// stray pointer ends the test; tensors of two devices in one operation are an error, as on CUDA. What it computes is the processor's.
/// Two of them, under the name of a device that Debian's libtorch is built without.
constexpr const char* kStandIn = "xpu";
constexpr int kStandIns = 2;

}  // namespace fkp::test

/// Skips a test that computes on the stand-in where libtorch knows too much of that kind of device to be told otherwise.
#if TORCH_VERSION_MAJOR < 2
#define NEEDS_STAND_IN() static_cast<void>(0)
#else
#define NEEDS_STAND_IN() GTEST_SKIP() << "the stand-in device is for libtorch 1"
#endif
