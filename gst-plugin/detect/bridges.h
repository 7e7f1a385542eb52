// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

namespace fkp {

/// Attaches the faces as GStreamer's own metadata, for elements that do not know GstFkpMeta: a GstVideoRegionOfInterestMeta of type
/// "face" for each, with the face's id; from GStreamer 1.24 on also as analytics.h describes. Faces outside the frame are left out.
void add_bridges(GstBuffer* buffer, const GstFkpMeta* meta);

/// Removes what add_bridges() attached for `meta`, which an earlier analysis left on the buffer. Other elements' metadata stays.
void remove_bridges(GstBuffer* buffer, const GstFkpMeta* meta);

/// The type of the regions and of the detected objects.
GQuark face_type();

/// The face box in whole pixels, clipped to the frame of `meta`; without area if it lies outside.
GstVideoRectangle visible_box(const GstFkpMeta* meta, const GstFkpFace* face);

}  // namespace fkp
