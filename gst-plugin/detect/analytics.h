// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>

#include <string>
#include <vector>

#include "fkp/core/tracks.h"

namespace fkp {

/// With GStreamer 1.24 and later: for each face an object detection of type "face" and, related to it, a tracking with the face's
/// id, in the buffer's GstAnalyticsRelationMeta. From 1.30 on the detection also contains a group of keypoints, rounded to whole
/// pixels, tagged with the scheme's name and linked along its outlines. Nothing before.
void add_analytics(GstBuffer* buffer, const GstFkpMeta* meta);

/// Takes the relation meta away where it holds the faces of `meta` and nothing else. GStreamer cannot remove single entries: among
/// those of others the older faces stay.
void remove_analytics(GstBuffer* buffer, const GstFkpMeta* meta);

/// The object detections of the buffer's GstAnalyticsRelationMeta, boxes as they are written there, of that type or, where it is
/// empty, of any. None before GStreamer 1.24.
std::vector<Detection> detected_objects(GstBuffer* buffer, const std::string& type);

}  // namespace fkp
