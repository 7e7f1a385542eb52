// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mapped_luma.h"

#include <opencv2/imgproc.hpp>

#include "frames.h"

namespace fkp {
namespace {

/// Converts a packed RGB frame of any component order to grey.
void grey_of_rgb(const GstVideoFrame& frame, cv::Mat& grey) {
  const GstVideoInfo& info = frame.info;
  const int channels = GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, 0);
  const int red = GST_VIDEO_FRAME_COMP_POFFSET(&frame, 0), green = GST_VIDEO_FRAME_COMP_POFFSET(&frame, 1);
  const cv::Mat packed(GST_VIDEO_INFO_HEIGHT(&info), GST_VIDEO_INFO_WIDTH(&info), CV_8UC(channels), GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
                       GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0));
  if (green == 1) {
    const int to_grey =
        channels == 3 ? (red == 0 ? cv::COLOR_RGB2GRAY : cv::COLOR_BGR2GRAY) : (red == 0 ? cv::COLOR_RGBA2GRAY : cv::COLOR_BGRA2GRAY);
    cv::cvtColor(packed, grey, to_grey);
    return;
  }
  // Alpha or padding comes first: OpenCV has no conversion for that.
  cv::Mat rgb(packed.size(), CV_8UC3);
  const int blue = GST_VIDEO_FRAME_COMP_POFFSET(&frame, 2);
  const int order[] = {red, 0, green, 1, blue, 2};
  cv::mixChannels(&packed, 1, &rgb, 1, order, 3);
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
}

/// Component 0 of a grey or YUV frame: the plane itself if it has 8 bits and holds nothing else; otherwise converted into `grey`.
cv::Mat grey_of_luma(const GstVideoFrame& frame, cv::Mat& grey) {
  const GstVideoInfo& info = frame.info;
  const cv::Size size(GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info));
  const int step = GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, 0);
  const auto stride = static_cast<std::size_t>(GST_VIDEO_FRAME_COMP_STRIDE(&frame, 0));
  if (const int depth = GST_VIDEO_FRAME_COMP_DEPTH(&frame, 0); depth > 8) {
    // Video range has 16 and 235 at the same share of every depth's 2^n, full range its white at 2^n - 1.
    const bool full = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    const double most = full ? ((1 << depth) - 1) / 255. : 1 << (depth - 8);
    const double scale = 1 / (most * (1 << GST_VIDEO_FORMAT_INFO_SHIFT(info.finfo, 0)));
    cv::Mat(size, CV_16UC1, GST_VIDEO_FRAME_COMP_DATA(&frame, 0), stride).convertTo(grey, CV_8U, scale);
    return grey;
  }
  if (step == 1) return {size, CV_8UC1, GST_VIDEO_FRAME_COMP_DATA(&frame, 0), stride};
  const cv::Mat packed(size, CV_8UC(step), GST_VIDEO_FRAME_PLANE_DATA(&frame, 0), stride);
  cv::extractChannel(packed, grey, GST_VIDEO_FRAME_COMP_POFFSET(&frame, 0));
  return grey;
}

}  // namespace

MappedLuma::Mapping::Mapping(GstBuffer* buffer, const GstVideoInfo& info) : frame() {
  if (!gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ)) throw UnmappedFrame();
}

MappedLuma::MappedLuma(GstBuffer* buffer, const GstVideoInfo& info, cv::Mat& scratch) : mapping_(buffer, info) {
  const GstVideoFrame& frame = mapping_.frame;
  luma_.pixel_aspect = static_cast<float>(GST_VIDEO_INFO_PAR_N(&info)) / static_cast<float>(GST_VIDEO_INFO_PAR_D(&info));
  if (GST_VIDEO_INFO_IS_RGB(&info)) {
    grey_of_rgb(frame, scratch);
    luma_.pixels = scratch;
    return;
  }
  luma_.video_range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_16_235;
  luma_.pixels = grey_of_luma(frame, scratch);
}

}  // namespace fkp
