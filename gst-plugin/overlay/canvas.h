// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/video/video.h>

#include <array>
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>

namespace fkp {

/// Draws into a video frame as it stands, without converting it. What is drawn collects in a layer, an 8-bit mask of the
/// touched region; blend() then lays one colour through it into every plane, so that overlapping strokes do not add up.
/// Coordinates are float pixels of the frame, pixel centres at integers; what lies outside the frame is cut off.
class Canvas {
 public:
  /// A format with 8 bits a component, subsampled by 1 or 2, mapped for reading and writing; it outlives the canvas.
  explicit Canvas(GstVideoFrame& frame) : frame_(frame) {}

  /// Starts an empty layer. Strokes beyond `extent` are cut off; so are those beyond the frame.
  void begin(const cv::Rect2f& extent);

  void disc(cv::Point2f center, float radius);
  /// A line with round ends.
  void line(cv::Point2f from, cv::Point2f to, float width);
  /// ASCII text whose capitals are `height` pixels high and stand on `at`.
  void text(cv::Point2f at, const std::string& text, float height);

  /// Blends `rgb` (0xRRGGBB) through the layer into the frame. `opacity` in [0, 1].
  void blend(std::uint32_t rgb, float opacity);

 private:
  GstVideoFrame& frame_;
  cv::Rect region_;  // of the frame, at even coordinates so that chroma falls on whole pairs of pixels
  cv::Mat mask_;
};

/// A text's size in pixels: width, and the height of its capitals.
cv::Size2f text_size(const std::string& text, float height);

/// 0xRRGGBB in the values of a frame: red, green, blue, or Y', Cb, Cr by its matrix and range; opaque where there is alpha.
std::array<std::uint8_t, GST_VIDEO_MAX_COMPONENTS> in_frame_values(const GstVideoInfo& info, std::uint32_t rgb);

}  // namespace fkp
