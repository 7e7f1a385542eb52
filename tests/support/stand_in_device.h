// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gtest/gtest.h>
#include <torch/version.h>

namespace fkp::test {

/// A fake device that every machine has, to test what must hold on any device other than the CPU: that all tensors of a step are on it, and
/// that nothing accesses its memory from outside. The addresses that its tensors hold are inaccessible, and only libtorch's own code
/// reaches the memory at others, so a stray pointer crashes the test; mixing tensors of two devices in one operation is an error, as on
/// CUDA. The CPU does its computations. There are two of them, under the name of a device that Debian's libtorch is built without.
constexpr const char* kStandIn = "xpu";
constexpr int kStandIns = 2;

}  // namespace fkp::test

/// Skips a test that computes on the stand-in if libtorch itself knows too much about that kind of device for a fake to work.
#if TORCH_VERSION_MAJOR < 2
#define NEEDS_STAND_IN() static_cast<void>(0)
#else
#define NEEDS_STAND_IN() GTEST_SKIP() << "the stand-in device is for libtorch 1"
#endif
