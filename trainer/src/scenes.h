// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "assign.h"
#include "augment.h"
#include "recipe.h"
#include "sample.h"

namespace fkp {

/// A face of a training picture.
struct SceneFace {
  cv::Rect2f box;
  Points points;  ///< none where they are not known
};

/// A detector's training picture, and all that is known of it.
struct Scene {
  cv::Mat pixels;  ///< CV_8UC1, square
  std::vector<SceneFace> faces;
  std::vector<cv::Rect2f> ignored;  ///< shows too little of a face, or too small a one, to be called it or not
  std::vector<Unlabelled> unlabelled;
};

/// A picture to take a tile from.
struct Source {
  const Picture* picture = nullptr;
  float unlabelled = 0;  ///< as in DataSource
};

/// Puts a training picture of `size` pixels together. A picture is scaled so that one of its faces, or a place without one,
/// gets a size drawn evenly in its logarithm; where it then does not fill its tile, the tile is split into four, each with a
/// picture of its own. So large faces become small ones, and many. Where `spec` asks for close-ups, it is one such scene whose face
/// has a quarter of the side or more, or four scenes of half the side beside each other. Turned, mirrored and spoilt as `augment`
/// says. `draw` gives the picture of each tile.
Scene make_scene(const std::function<Source(Rng&)>& draw, const SceneSpec& spec, const Augment& augment, const Scheme& scheme, int size,
                 Rng& rng);

/// A detector's box of a face by its 68 points, in the convention of the boxes of `faces`: as wide as the points and a third
/// higher, up into the forehead.
cv::Rect2f detector_box(const Points& points68);

/// A sample of 68 points as a picture of one face, with its box and five points.
Picture boxed(const Sample& sample68);

}  // namespace fkp
