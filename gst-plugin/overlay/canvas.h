// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/video/video.h>

#include <array>
#include <cstdint>

#include "coverage.h"

namespace fkp {

/// The formats that a Canvas can paint on, as a list for a caps string: components of 8 bits, or of more in 16-bit little-endian words,
/// each subsampled by 1 or 2 (by 1 if there is alpha) and located by one offset, step and stride. The rest is taken from GStreamer's
/// description of the format. VYUY is missing because GStreamer 1.22 describes it with U and V swapped.
#define FKP_CANVAS_FORMATS                                                                                        \
  "{ NV12, I420, YV12, NV21, NV16, NV61, NV24, Y42B, Y444, YUY2, YVYU, UYVY, AYUV, VUYA, v308, IYU2, P010_10LE, " \
  "I420_10LE, I422_10LE, Y444_10LE, GRAY8, GRAY16_LE, RGB, BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, ARGB, ABGR }"

/// Paints on a buffer's video frame in its own format, without conversion. The frame is mapped for writing only when it is painted on.
class Canvas {
 public:
  Canvas(GstBuffer* buffer, const GstVideoInfo& info) : buffer_(buffer), info_(info) {}
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  /// Blends `rgb` (0xRRGGBB) over the frame, weighted by `coverage`, which must be for its size, and by `opacity` in [0, 1]. Throws
  /// UnmappedFrame if the frame cannot be mapped.
  void paint(const Coverage& coverage, std::uint32_t rgb, float opacity);

 private:
  void map();

  GstBuffer* buffer_;
  const GstVideoInfo& info_;
  GstVideoFrame frame_{};
  bool mapped_ = false;
};

}  // namespace fkp
