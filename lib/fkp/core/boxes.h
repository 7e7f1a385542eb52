// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

#include "fkp/core/image.h"

// Pre- and postprocessing around a face detector's network.

namespace fkp {

/// A face as given by a detector's network: box and points in pixels, pixel centres at integers.
struct FoundFace {
  cv::Rect2f box;
  float score = 0;  ///< in [0, 1]
  Points points;    ///< of the detector's scheme
};

/// A detector's network takes pictures whose sides are multiples of this; its strides divide it.
constexpr int kInputMultiple = 32;

/// A side in pixels, rounded up to a multiple of that.
constexpr int rounded_up(int side) { return (side + kInputMultiple - 1) / kInputMultiple * kInputMultiple; }

/// How a picture is placed in a network's input: shrunk, never enlarged, in the upper left corner, with grey below and to the right.
struct Letterbox {
  cv::Size input;     ///< size of the network's input, both sides multiples of kInputMultiple
  cv::Size used;      ///< size of the part that shows the picture
  cv::Point2f scale;  ///< square pixels of the picture (see Luma) to pixels of the input

  FoundFace to_picture(const FoundFace& face) const;
};

/// The letterbox whose longer used side is that of the picture in square pixels, but at most `longest` (≥ 32).
Letterbox letterbox(const Luma& picture, int longest);

/// Fills `input` (box.input.width × box.input.height floats) with the picture, mapping its black and white levels to `black` and `white`.
/// `scratch` is memory that may be reused.
void fill(float* input, const Letterbox& box, const Luma& picture, float black, float white, cv::Mat& scratch);

/// Decodes one map of a detector's output, [5 + 2·points, rows, cols], and appends the faces with a score of at least `least`. Each cell
/// holds the logit of the score, then, in strides, the box centre's x and y from the cell's centre, the logarithms of the box's width and
/// height, and each point's x and y from the cell's centre. A cell's centre lies at (column + 0.5)·stride − 0.5.
void decode(const float* map, int rows, int cols, int stride, int points, float least, std::vector<FoundFace>& faces);

/// Non-maximum suppression: of faces that overlap by more than `overlap` (intersection over union), keeps the best. Returns the best first.
std::vector<FoundFace> suppress(std::vector<FoundFace> faces, float overlap);

}  // namespace fkp
