// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <atomic>
#include <cstdint>

namespace fkp {

/// The frames that pass a pad, in any order: how many, and their times. Two pads that the same frames pass with the same times have
/// equal tallies. Filled by a streaming thread, read by any thread.
struct Tally {
  std::atomic<std::uint64_t> frames{0};
  std::atomic<std::uint64_t> times{0};     ///< the sum of the running times, modulo 2^64
  std::atomic<std::uint64_t> position{0};  ///< running time of the last frame, nanoseconds

  void add(GstPad* pad, GstBuffer* buffer);
  bool operator==(const Tally& other) const { return frames == other.frames && times == other.times; }
};

/// The segment of the pad's buffers; false if there is none.
bool segment_of(GstPad* pad, GstSegment* segment);

}  // namespace fkp
