// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <opencv2/core/mat.hpp>
#include <optional>

#include "chance.h"
#include "recipe.h"
#include "sample.h"

namespace fkp {

/// A network's input with what it should find there.
struct Crop {
  cv::Mat pixels;  ///< CV_8UC1
  cv::Mat clean;   ///< the same before it was spoilt, for a teacher
  Points points;   ///< in crop pixels; without meaning, or none, where there is no face
  float side = 0;  ///< of the face box, crop pixels
  bool face = true;
};

/// Resampling, blur, light, noise, compression and a rectangle that hides something, as `augment` says.
void spoil(cv::Mat& pixels, const Augment& augment, Rng& rng);

/// The sample's face as the runtime would cut it, undisturbed.
Crop plain_crop(const Sample& sample, const CropSpec& spec);

/// The same turned, shifted, scaled, mirrored and spoilt as the recipe says; the points go along.
Crop augmented_crop(const Sample& sample, const Scheme& scheme, const Augment& augment, const CropSpec& spec, Rng& rng);

/// A crop of the sample's picture that shows no face, or too little or too much of one to be followed: its region shares
/// less than a quarter of its area and the face's (intersection over union) with the face's own.
Crop misplaced_crop(const Sample& sample, const Augment& augment, const CropSpec& spec, Rng& rng);

/// A face that stands on its head, more or less: points of an upright one would lie anywhere on it.
Crop turned_crop(const Sample& sample, const Augment& augment, const CropSpec& spec, Rng& rng);

/// A region of a picture's background, turned by up to `rotation` degrees: of no face it shows more than a tenth. None where
/// no room was found.
std::optional<Region> background_region(const Picture& picture, float rotation, Rng& rng);

/// The crop of such a region.
std::optional<Crop> background_crop(const Picture& picture, const Augment& augment, const CropSpec& spec, Rng& rng);

}  // namespace fkp
