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
  /// So many pixels side by side are looked at together; what no stroke touched, the most of a face, costs nothing.
  static constexpr int kCell = 8;

  /// From `first` until before `last`.
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

  /// The rows that were touched. There may be one pixel beyond the frame's lower and some beyond its right edge, so that blocks
  /// of 2 × 2 are whole.
  Span rows() const { return rows_; }

  /// Calls `f` with each cell, counted from the left, that was touched in one of two rows.
  template <class F>
  void for_each_cell(int upper, int lower, F f) const {
    const std::uint64_t *a = &touched_[index(words_, upper)], *b = &touched_[index(words_, lower)];
    for (int word = 0; word < words_; word++)
      for (std::uint64_t bits = a[word] | b[word]; bits != 0; bits &= bits - 1) f(word * 64 + __builtin_ctzll(bits));
  }
  /// The coverage of a cell's pixels.
  const std::uint8_t* at(int cell, int y) const { return &mask_[index(stride_, y) + index(kCell, cell)]; }

 private:
  static std::size_t index(int each, int n) { return static_cast<std::size_t>(each) * n; }
  void touch(int y, int left, int right);

  int words_, stride_, height_;  // words and pixels in a row, rows
  float aspect_;
  Span rows_;
  std::vector<std::uint64_t> touched_;  // a bit each cell
  std::vector<std::uint8_t> mask_;
};

}  // namespace fkp
