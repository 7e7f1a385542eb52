// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/video/video.h>

#include "fkp/core/image.h"

namespace fkp {

/// The raw formats that fkpdetect takes, as a caps string's list.
#define FKP_DETECT_FORMATS "{ GRAY8, I420, YV12, NV12, NV21, RGB, BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, ARGB, ABGR }"

/// The luma of a frame, mapped for reading while this lives. Of grey and YUV formats it is the first plane as it stands;
/// RGB is converted into `scratch`, which is reused from frame to frame.
class MappedLuma {
 public:
  /// Throws std::runtime_error where the buffer cannot be mapped.
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
