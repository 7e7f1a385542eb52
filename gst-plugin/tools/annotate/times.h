// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

// For cases in which GStreamer's demuxers and muxers would shift or drop something between input and output.

namespace fkp {

/// matroskademux takes a file's first timestamp for time 0, and changes that two frames later if another stream turns out to begin
/// earlier: the first frames are then a little too early. This keeps the file's own timestamps; call it before the pipeline runs.
void keep_matroska_times(GstElement* pipeline);

/// Muxers drop a sound packet that begins a little before the segment or ends a little after it. This keeps what leaves the pad,
/// unless all of it lies before the beginning.
void keep_sound_edges(GstPad* pad);

}  // namespace fkp
