// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <opencv2/core/types.hpp>
#include <vector>

namespace fkp {

/// Where paint goes: how much of each pixel of a frame anti-aliased strokes cover, from 0 to 255. Strokes that overlap do not
/// add up. It is made once for frames of a size; all costs are those of the pixels that strokes touch.
///
/// Coordinates are float pixels of the frame, pixel centres at integers; what lies outside the frame, or is not a number, is
/// cut off. Lengths (widths, radii) are in heights of a pixel, so that circles are round on the display.
class Coverage {
 public:
  /// The part of a row that was touched: from `first` until before `last`.
  struct Span {
    int first, last;
  };

  /// `pixel_aspect` is a pixel's width over its height.
  Coverage(int width, int height, float pixel_aspect);

  void disc(cv::Point2f center, float radius);
  /// A line with round ends.
  void line(cv::Point2f from, cv::Point2f to, float width);
  /// Back to nothing.
  void clear();

  bool empty() const { return rows_.last <= rows_.first; }
  float pixel_aspect() const { return aspect_; }

  /// The rows that were touched. They and the columns are whole up to a multiple of 8: there are pixels beyond an odd frame's
  /// edge, under its last chroma samples.
  Span rows() const { return rows_; }
  Span span(int y) const { return spans_[y]; }
  const std::uint8_t* row(int y) const { return &mask_[static_cast<std::size_t>(y) * stride_]; }

 private:
  int stride_, height_;  // of the mask
  float aspect_;
  Span rows_;
  std::vector<Span> spans_;
  std::vector<std::uint8_t> mask_;
};

}  // namespace fkp
