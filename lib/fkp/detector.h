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
  /// The faces of a picture as face boxes in square pixels, in no particular order.
  virtual std::vector<Detection> detect(const Luma& picture) = 0;
  /// Whether it can look for faces that stand on their heads, which detect() may miss.
  virtual bool knows_upside_down() const { return false; }
  /// The same as detect() for those. None if it cannot.
  virtual std::vector<Detection> detect_upside_down(const Luma&) { return {}; }
};

/// OpenCV's Haar cascade for upright frontal faces (Viola and Jones, CVPR 2001; the cascade "alt2" of Debian's opencv-data). Finds faces
/// from about a twelfth of the picture's shorter side. The score grows with the number of neighbouring windows that agree: 0.5 at four.
/// Throws Error: not_found if the cascade is not installed, settings if fkp was built without it.
std::unique_ptr<Detector> make_haar_detector();

/// The whole picture as one face: the largest square in its middle.
Detection whole_picture(const Luma& picture);

/// Finds the whole picture: for close-ups, and for pictures that are crops of faces already.
std::unique_ptr<Detector> make_whole_picture_detector();

}  // namespace fkp
