// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

namespace fkp {

/// Says of the faces what GStreamer's own metadata can, for elements that do not know GstFkpMeta: a GstVideoRegionOfInterestMeta of
/// type "face" for each, with the face's id; from GStreamer 1.24 on also what analytics.h tells. Faces outside the frame are left out.
void add_bridges(GstBuffer* buffer, const GstFkpMeta* meta);

/// Takes away what was said of the faces of `meta`, which lies on the buffer from an earlier analysis. What others said stays.
void remove_bridges(GstBuffer* buffer, const GstFkpMeta* meta);

/// The type of the regions and of the detected objects.
GQuark face_type();

/// The face box in whole pixels, as far as it lies in the frame of `meta`; without area where none of it does.
GstVideoRectangle visible_box(const GstFkpMeta* meta, const GstFkpFace* face);

}  // namespace fkp
