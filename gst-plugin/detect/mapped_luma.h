// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/video/video.h>

#include "fkp/core/image.h"

namespace fkp {

/// The raw formats that fkpdetect accepts, as a list for a caps string. Those whose luma can be read in place come first.
#define FKP_DETECT_FORMATS                                                                                                            \
  "{ I420, YV12, NV12, NV21, GRAY8, Y42B, Y444, NV16, NV61, NV24, Y41B, YUV9, YVU9, A420, YUY2, YVYU, UYVY, VYUY, AYUV, VUYA, v308, " \
  "IYU2, "                                                                                                                            \
  "RGB, BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, ARGB, ABGR, I420_10LE, I422_10LE, Y444_10LE, P010_10LE, GRAY16_LE }"

/// The luma of a frame, mapped for reading as long as this object lives. In grey and planar 8-bit YUV formats, it is the frame's
/// own plane; packed YUV, more than 8 bits and RGB are converted into `scratch`, which is reused from frame to frame.
class MappedLuma {
 public:
  /// Throws UnmappedFrame if the buffer cannot be mapped.
  MappedLuma(GstBuffer* buffer, const GstVideoInfo& info, cv::Mat& scratch);
  const Luma& luma() const { return luma_; }

 private:
  struct Mapping {
    Mapping(GstBuffer* buffer, const GstVideoInfo& info);
    ~Mapping() { gst_video_frame_unmap(&frame); }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    GstVideoFrame frame;
  };
  Mapping mapping_;
  Luma luma_;
};

}  // namespace fkp
