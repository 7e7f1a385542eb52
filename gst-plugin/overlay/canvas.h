// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/video/video.h>

#include <array>
#include <cstdint>

#include "coverage.h"

namespace fkp {

/// The formats that a Canvas paints on, as a caps string's list: components of 8 bits, or of more in 16 little-endian ones, each
/// subsampled by 1 or 2 and found in memory by one offset, step and stride. GStreamer's description of a format says the rest.
#define FKP_CANVAS_FORMATS                                                                                            \
  "{ NV12, I420, YV12, NV21, NV16, NV61, NV24, Y42B, Y444, YUY2, UYVY, AYUV, P010_10LE, I420_10LE, GRAY8, RGB, BGR, " \
  "RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, ARGB, ABGR }"

/// A buffer's video frame to be painted on as it stands, without a conversion. It is mapped for writing once there is paint.
class Canvas {
 public:
  Canvas(GstBuffer* buffer, const GstVideoInfo& info) : buffer_(buffer), info_(info) {}
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  /// Blends `rgb` (0xRRGGBB) into the frame where `coverage`, made for its size, says so. `opacity` in [0, 1]. Throws
  /// UnmappedFrame where the frame cannot be mapped.
  void paint(const Coverage& coverage, std::uint32_t rgb, float opacity);

 private:
  void map();

  GstBuffer* buffer_;
  const GstVideoInfo& info_;
  GstVideoFrame frame_{};
  bool mapped_ = false;
};

}  // namespace fkp
