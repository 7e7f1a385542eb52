// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>
#include <optional>

#include "data/chance.h"
#include "data/sample.h"
#include "recipe/recipe.h"

namespace fkp {

/// A network's input with its targets.
struct Crop {
  cv::Mat pixels;  ///< CV_8UC1
  cv::Mat clean;   ///< the same before degradation, for a teacher
  Points points;   ///< in crop pixels; meaningless or empty if there is no face
  float side = 0;  ///< of the face box, crop pixels
  bool face = true;
};

/// By how much a face is rotated, as `augment` says: radians, clockwise on the screen.
float random_angle(const Augment& augment, Rng& rng);

/// Degrades the pixels as `augment` says: resampling, blur, brightness, contrast, lighting, noise, compression, an occluder.
void spoil(cv::Mat& pixels, const Augment& augment, Rng& rng);

/// The sample's face, cropped as at runtime, without augmentation.
Crop plain_crop(const Sample& sample, const CropSpec& spec);

/// The same, rotated, shifted, scaled, mirrored and degraded as `augment` says; the points are transformed accordingly.
Crop augmented_crop(const Sample& sample, const Scheme& scheme, const Augment& augment, const CropSpec& spec, Rng& rng);

/// A crop of the sample's picture that shows no face, or a face too small, too large or too far off to be tracked: without its
/// margin, the crop has an intersection over union of at most 0.25 with the box of any face of the picture.
Crop misplaced_crop(const Sample& sample, const Augment& augment, const CropSpec& spec, Rng& rng);

/// A crop of the sample's face, roughly upside down: points predicted for an upright face would be arbitrary on it.
Crop turned_crop(const Sample& sample, const Augment& augment, const CropSpec& spec, Rng& rng);

/// A region of a picture's background, rotated by up to ±`rotation` degrees, that shows at most a tenth of any face. None if
/// none was found.
std::optional<Region> background_region(const Picture& picture, float rotation, Rng& rng);

/// The crop of such a region.
std::optional<Crop> background_crop(const Picture& picture, const Augment& augment, const CropSpec& spec, Rng& rng);

}  // namespace fkp
