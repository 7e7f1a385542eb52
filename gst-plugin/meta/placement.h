// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpface.h>

#include <array>
#include <optional>

namespace fkp {

using Matrix = std::array<std::array<double, 3>, 3>;

/// Where an element moves the content of a frame: a homography of coordinates whose origin is the frame's upper left corner, so that
/// pixel centres are at half-integers.
struct Placement {
  guint width = 0, height = 0;  ///< of the new frame
  Matrix matrix{};
};

/// The placement that the arguments `type` and `data` of a GstMetaTransformFunction describe, for coordinates of a frame of
/// `width`×`height` pixels, which a decoder may have shrunk since; empty if it cannot be known from them.
std::optional<Placement> placement_of(GQuark type, gconstpointer data, guint width, guint height);

/// Moves the points and the box, which becomes the upright box around the moved one. False if it then lies outside the new frame.
bool place(GstFkpFace* face, const Placement& placement);

}  // namespace fkp
