// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>

#include <vector>

#include "fkp/core/face.h"

namespace fkp {

/// Attaches the faces to a writable buffer as GstFkpMeta, replacing those that it carries, and as GStreamer's own metadata (bridges.h).
/// Without faces the meta is empty.
void attach(GstBuffer* buffer, GstFkpScheme* scheme, int width, int height, const std::vector<Face>& faces);

}  // namespace fkp
