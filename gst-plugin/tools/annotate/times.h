// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

// Where GStreamer's demuxers and muxers would shift or cut something on its way from file to file.

namespace fkp {

/// matroskademux takes a file's first time stamp for the time 0, and thinks otherwise two frames later, when another stream
/// turns out to begin earlier: the first frames come a little too early. With this, to be called before the pipeline runs, time
/// stamps mean what the file says.
void keep_matroska_times(GstElement* pipeline);

/// Muxers drop a packet of sound that begins a little before the stream does or ends a little behind it. With this, what leaves
/// the pad is kept, unless all of it lies before the beginning.
void keep_sound_edges(GstPad* pad);

}  // namespace fkp
