// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mapped_luma.h"

#include <gtest/gtest.h>

#include "media.h"

namespace fkp {
namespace {

GstVideoInfo info_of(const std::string& caps_text) {
  GstCaps* caps = gst_caps_from_string(caps_text.c_str());
  GstVideoInfo info;
  EXPECT_TRUE(gst_video_info_from_caps(&info, caps));
  gst_caps_unref(caps);
  return info;
}

TEST(MappedLuma, ReadsPaddedStrides) {
  const GstVideoInfo info = info_of("video/x-raw,format=NV12,width=35,height=17,framerate=30/1");
  const gint stride = 64;
  gsize offsets[GST_VIDEO_MAX_PLANES] = {128, 128 + stride * 18};
  gint strides[GST_VIDEO_MAX_PLANES] = {stride, stride};
  const fkp::test::Buffer buffer(gst_buffer_new_allocate(nullptr, 128 + stride * 27, nullptr));
  GstMapInfo map;
  ASSERT_TRUE(gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size; i++) map.data[i] = 255;
  for (int y = 0; y < 17; y++)
    for (int x = 0; x < 35; x++) map.data[128 + y * stride + x] = static_cast<guint8>(x + 3 * y);
  gst_buffer_unmap(buffer.get(), &map);
  gst_buffer_add_video_meta_full(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_NV12, 35, 17, 2, offsets, strides);

  cv::Mat scratch;
  const MappedLuma mapped(buffer.get(), info, scratch);
  ASSERT_EQ(mapped.luma().pixels.size(), cv::Size(35, 17));
  for (int y = 0; y < 17; y++)
    for (int x = 0; x < 35; x++) EXPECT_EQ(mapped.luma().pixels.at<uchar>(y, x), x + 3 * y);
}

TEST(MappedLuma, KnowsTheRangeAndTheShapeOfPixels) {
  cv::Mat scratch;
  const auto luma_of = [&](const std::string& rest) {
    const GstVideoInfo info = info_of("video/x-raw,width=16,height=8,framerate=30/1," + rest);
    const fkp::test::Buffer buffer(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr));
    return MappedLuma(buffer.get(), info, scratch).luma();
  };
  EXPECT_TRUE(luma_of("format=I420,colorimetry=bt709").video_range);
  EXPECT_FALSE(luma_of("format=I420,colorimetry=1:4:5:1").video_range);
  EXPECT_FALSE(luma_of("format=RGB").video_range);
  EXPECT_FLOAT_EQ(luma_of("format=I420,pixel-aspect-ratio=16/11").pixel_aspect, 16.f / 11);
}

TEST(MappedLuma, WeighsRedGreenAndBlueInEveryOrder) {
  for (const char* format : {"RGB", "BGR", "RGBx", "BGRx", "xRGB", "xBGR", "RGBA", "BGRA", "ARGB", "ABGR"}) {
    const GstVideoInfo info = info_of("video/x-raw,width=3,height=2,framerate=30/1,format=" + std::string(format));
    const fkp::test::Buffer buffer(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr));
    gst_buffer_memset(buffer.get(), 0, 0, GST_VIDEO_INFO_SIZE(&info));
    GstVideoFrame frame;
    ASSERT_TRUE(gst_video_frame_map(&frame, &info, buffer.get(), GST_MAP_WRITE));
    const std::ptrdiff_t pixel = GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, 0);
    for (int component = 0; component < 3; component++)  // one pixel each of pure red, green and blue
      static_cast<guint8*>(GST_VIDEO_FRAME_COMP_DATA(&frame, component))[component * pixel] = 255;
    gst_video_frame_unmap(&frame);
    cv::Mat scratch;
    const MappedLuma mapped(buffer.get(), info, scratch);
    const cv::Mat& grey = mapped.luma().pixels;
    EXPECT_EQ(grey.at<uchar>(0, 0), 76) << format;   // 0.299
    EXPECT_EQ(grey.at<uchar>(0, 1), 150) << format;  // 0.587
    EXPECT_EQ(grey.at<uchar>(0, 2), 29) << format;   // 0.114
    EXPECT_EQ(grey.at<uchar>(1, 0), 0) << format;
  }
}

}  // namespace
}  // namespace fkp
