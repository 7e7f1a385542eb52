// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

#include "fkp/core/image.h"

// What a face detector does around its network, without the network.

namespace fkp {

/// A face as a detector's network gives it: box and points in pixels, centres at integers.
struct FoundFace {
  cv::Rect2f box;
  float score = 0;  ///< in [0, 1]
  Points points;    ///< of the detector's scheme
};

/// How a picture lies in a network's input: shrunk, never enlarged, in the upper left corner, grey below and beside it.
struct Letterbox {
  cv::Size input;     ///< of the network, both sides multiples of 32
  cv::Size used;      ///< the part of it that shows the picture
  cv::Point2f scale;  ///< square pixels of the picture (see Luma) to pixels of the input

  FoundFace to_picture(const FoundFace& face) const;
};

/// The letter-box whose longer used side is that of the picture in square pixels, though at most `longest` (≥ 32).
Letterbox letterbox(const Luma& picture, int longest);

/// Fills `input` (input.width × input.height floats) with the picture: `black` and `white` stand for its darkest and its
/// brightest grey. `scratch` is memory that may be reused.
void fill(float* input, const Letterbox& box, const Luma& picture, float black, float white, cv::Mat& scratch);

/// Reads the faces of one map of a detector's output, [5 + 2·points, rows, cols]: the logit of a score, then in strides the
/// centre's x and y from the cell's own, the logarithm of width and height, and each point's x and y from the cell's centre.
/// A cell's centre lies at (column + 0.5)·stride − 0.5. Appends those with a score of `least` or more.
void decode(const float* map, int rows, int cols, int stride, int points, float least, std::vector<FoundFace>& faces);

/// Keeps the best of faces that overlap by more than `overlap` (intersection over union), best first.
std::vector<FoundFace> suppress(std::vector<FoundFace> faces, float overlap);

}  // namespace fkp
