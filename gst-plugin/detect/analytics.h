// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>

#include <string>
#include <vector>

#include "fkp/core/tracks.h"

namespace fkp {

/// With GStreamer 1.24 and later, adds to the buffer's GstAnalyticsRelationMeta an object detection of type "face" for each face and,
/// related to it, a tracking entry with the face's id. From 1.30 on, the detection also contains a group of keypoints, rounded to
/// whole pixels, tagged with the scheme's name and linked along its outlines. Does nothing before 1.24.
void add_analytics(GstBuffer* buffer, const GstFkpMeta* meta);

/// Removes the relation meta if it holds the faces of `meta` and nothing else. GStreamer cannot remove single entries: if other
/// elements have added to it, the older faces stay in it.
void remove_analytics(GstBuffer* buffer, const GstFkpMeta* meta);

/// The object detections of the given type (if empty, of any type) in the buffer's GstAnalyticsRelationMeta, with their boxes as they
/// are stored there. None before GStreamer 1.24.
std::vector<Detection> detected_objects(GstBuffer* buffer, const std::string& type);

}  // namespace fkp
