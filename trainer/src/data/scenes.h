// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "data/augment.h"
#include "data/sample.h"
#include "recipe/recipe.h"

namespace fkp {

/// A face of a training picture.
struct SceneFace {
  cv::Rect2f box;
  Points points;  ///< empty if all are unknown, as in lists of boxes
};

/// A detector's training picture with its labels.
struct Scene {
  cv::Mat pixels;  ///< CV_8UC1, square
  std::vector<SceneFace> faces;
  std::vector<cv::Rect2f> ignored;  ///< around faces too small or too far cut off to count as a face or as background
  std::vector<Unlabelled> unlabelled;
};

/// A picture to take a tile from.
struct Source {
  const Picture* picture = nullptr;
  float unlabelled = 0;  ///< as in DataSource
};

/// Composes a training picture of `size` pixels. A picture is scaled so that one of its faces, or a random square, gets a
/// log-uniformly drawn size; if it then does not fill its tile, the tile is split into four, each with a picture of its own. So
/// large faces become many small ones. If `spec` asks for close-ups, the result is either one such scene whose face has at least a
/// quarter of the side, or four scenes of half the side in a 2×2 grid. Rotated, mirrored and degraded as `augment` says. `draw`
/// gives the picture of each tile.
Scene make_scene(const std::function<Source(Rng&)>& draw, const SceneSpec& spec, const Augment& augment, const Scheme& scheme, int size,
                 Rng& rng);

/// The detector's box of a face, from its 68 points, in the convention of the data set `faces`: as wide as the points and a third
/// higher, up to the forehead.
cv::Rect2f detector_box(const Points& points68);

/// About where the square around the 68 points of a face with such a box lies.
cv::Rect2f square_in(const cv::Rect2f& detector_box);

/// A sample of 68 points as a picture of one face, with its box and five points.
Picture boxed(const Sample& sample68);

}  // namespace fkp
