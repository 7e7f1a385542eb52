// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>
#include <vector>

namespace fkp {

/// A place of a detector's output, and what it says at the moment.
struct Cell {
  cv::Point2f center;  ///< pixels
  float stride = 0;
  float score = 0;  ///< in [0, 1]
  cv::Rect2f box;
};

/// A part of a picture whose labels are incomplete: faces up to `largest` (see size_of) may lack a box.
struct Unlabelled {
  cv::Rect2f where;
  float largest = 0;
};

constexpr int kBackground = -1, kNothing = -2;  // kNothing: the cell learns nothing

/// A face's size: that of a square of its box's area.
float size_of(const cv::Rect2f& box);

/// Says for each cell which of `faces` it shall find, or kBackground or kNothing.
///
/// A face goes to the cells near its centre that find it best already, and to as many of them as agree on its box (SimOTA:
/// Ge et al., "YOLOX", 2021, section 2.2). A cell learns nothing where its centre lies in one of `ignored` boxes; nor where
/// it is convinced of a face of a size that `unlabelled` says may lack a box, and away from those that have one: labels of
/// crowds are never complete, and what is found there beside them is more often a face than not.
std::vector<int> assign(const std::vector<Cell>& cells, const std::vector<cv::Rect2f>& faces, const std::vector<cv::Rect2f>& ignored,
                        const std::vector<Unlabelled>& unlabelled);

}  // namespace fkp
