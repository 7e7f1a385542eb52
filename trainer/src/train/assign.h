// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/types.hpp>
#include <vector>

#include "data/sample.h"

namespace fkp {

/// A cell of a detector's output maps, and its current prediction.
struct Cell {
  cv::Point2f center;  ///< pixels
  float stride = 0;
  float score = 0;  ///< in [0, 1]
  cv::Rect2f box;
};

constexpr int kBackground = -1, kNothing = -2;  // kNothing: left out of the loss

/// Assigns to each cell the index of the face that it should predict, or kBackground or kNothing.
///
/// A face is assigned to the cells near its centre that currently predict it best; how many depends on the overlap of their
/// boxes with it (SimOTA: Ge et al., "YOLOX", 2021, section 2.2). Of the other cells, those are left out whose centre lies in
/// one of the `ignored` boxes, and those that confidently predict a face, away from all labelled ones, that may lack a box
/// according to `unlabelled`: labels of crowds are never complete, and what is detected there is more often a face than not.
std::vector<int> assign(const std::vector<Cell>& cells, const std::vector<cv::Rect2f>& faces, const std::vector<cv::Rect2f>& ignored,
                        const std::vector<Unlabelled>& unlabelled);

}  // namespace fkp
