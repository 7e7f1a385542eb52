// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <opencv2/core/types.hpp>
#include <vector>

namespace fkp {

/// A mask of anti-aliased strokes: how much of each pixel of a frame they cover, from 0 to 255. Overlapping strokes do not add
/// up. A mask is created once per frame size; all operations cost time only for the pixels that strokes touch.
///
/// Coordinates are float pixels of the frame, pixel centres at integers; what lies outside the frame is clipped, and what is not a
/// number is left out. Lengths (widths, radii) are in pixel heights, so that circles are round on the display.
class Coverage {
 public:
  /// Pixels are processed in horizontal cells of this many; cells that no stroke touched, most of a face, cost nothing.
  static constexpr int kCell = 8;

  /// From `first` up to but excluding `last`.
  struct Span {
    int first, last;
  };

  /// `pixel_aspect` is a pixel's width over its height.
  Coverage(int width, int height, float pixel_aspect);

  void disc(cv::Point2f center, float radius);
  /// A line with round ends.
  void line(cv::Point2f from, cv::Point2f to, float width);
  /// Removes all strokes.
  void clear();

  bool empty() const { return rows_.last <= rows_.first; }
  float pixel_aspect() const { return aspect_; }

  /// The rows that were touched. The mask extends up to one pixel beyond the frame's bottom edge and some beyond its right edge, so
  /// that blocks of 2 × 2 are complete.
  Span rows() const { return rows_; }

  /// Calls `f` with the number, counted from the left, of each cell that was touched in one of two rows.
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

  int words_, stride_, height_;  // words in a row, pixels in a row, number of rows
  float aspect_;
  Span rows_;
  std::vector<std::uint64_t> touched_;  // one bit per cell
  std::vector<std::uint8_t> mask_;
};

}  // namespace fkp
