// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpface.h>

#include <array>
#include <optional>

namespace fkp {

using Matrix = std::array<std::array<double, 3>, 3>;

/// Where an element puts the content of a frame: a homography of coordinates that have the frame's upper left corner at (0, 0), so
/// that pixel centres lie at halves.
struct Placement {
  guint width = 0, height = 0;  ///< the new frame
  Matrix matrix{};
};

/// What an element tells a GstMetaTransformFunction with `type` and `data`; nothing where that leaves the points' place unknown.
std::optional<Placement> placement_of(GQuark type, gconstpointer data);

/// Moves the points, and the box to the upright one around it. False where the face then lies outside the new frame.
bool place(GstFkpFace* face, const Placement& placement);

}  // namespace fkp
