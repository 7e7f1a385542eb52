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
  std::atomic<std::uint64_t> begin{0};     ///< running time of the first frame, nanoseconds
  std::atomic<std::uint64_t> position{0};  ///< of the last one's end, as far as that is known, or of its begin if not `lasting`
  bool lasting = true;                     ///< false for captions, which may last beyond where a broken file ends

  void add(GstPad* pad, GstBuffer* buffer);
  bool operator==(const Tally& other) const { return frames == other.frames && times == other.times; }
};

/// The segment of the pad's buffers; false if there is none.
bool segment_of(GstPad* pad, GstSegment* segment);

/// When a buffer at the pad is to be seen, in nanoseconds from the beginning of the file; GST_CLOCK_TIME_NONE if that is unknown.
GstClockTime stream_time(GstPad* pad, GstBuffer* buffer);

}  // namespace fkp
