// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <vector>

#include "data/sample.h"
#include "fkp/keypoint_net.h"

namespace fkp {

/// What a network sees of a face that has a box alone.
struct BoxLook {
  std::size_t face;  ///< index in Picture::faces
  Look look;         ///< from the face's own points, after a first one from its box
};

/// Looks at the picture's faces that have a box of at least 24×24 pixels' area, from the forehead to the chin as detectors give it. The
/// points of smaller ones would be coarse. Takes each face for upright, where look_closely() turns the ones that the network is not sure
/// of: it is not sure of a masked face either way up. Throws as KeypointNet::look().
std::vector<BoxLook> look_at_boxes(KeypointNet& net, const Picture& picture);

}  // namespace fkp
