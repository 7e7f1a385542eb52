// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <vector>

#include "fkp/core/image.h"
#include "fkp/core/tracks.h"

namespace fkp {

/// Finds faces in a whole picture. An instance belongs to one thread at a time.
class Detector {
 public:
  virtual ~Detector() = default;
  /// The faces of a picture as face boxes (see face_box) in square pixels, in no particular order.
  virtual std::vector<Detection> detect(const Luma& picture) = 0;
};

/// OpenCV's Haar cascade for upright frontal faces (Viola and Jones, CVPR 2001; the cascade "alt2" of Debian's opencv-data).
/// Faces from about a twelfth of the picture's shorter side. A score says how many neighbouring windows agreed: half at four.
/// Throws Error: not_found where the cascade is not installed, settings where fkp was built without.
std::unique_ptr<Detector> make_haar_detector();

/// Takes the whole picture for one face: for close-ups, and for pictures that were cut out by something else.
std::unique_ptr<Detector> make_whole_picture_detector();

}  // namespace fkp
