// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

// For cases in which GStreamer's demuxers and muxers would shift or drop something between input and output.

namespace fkp {

/// Call this before the pipeline runs.
///  - matroskademux takes a file's first timestamp for time 0, and changes that two frames later if another stream turns out to begin
///    earlier: the first frames are then a little too early. This keeps the file's own timestamps.
///  - Up to GStreamer 1.22 qtdemux ends a track too early whose edit list begins later than with a key frame, as `ffmpeg -ss … -c copy`
///    writes it: it compares times of the media with the length of the movie (ISO/IEC 14496-12, 8.2.2). This makes the movie as long as
///    its longest track without edits, in files on this machine.
void keep_demuxed_times(GstElement* pipeline);

/// Muxers refuse a frame that is not later than the one before it. Some decoders give such times, for B-frames in AVI or behind a gap
/// in a transport stream. This moves such a frame, and those that then follow too early, to the end of the frame before it.
void keep_order(GstPad* pad);

/// Muxers drop a sound packet that begins a little before the segment or ends a little after it. This keeps what leaves the pad,
/// unless all of it lies before the beginning. Where sound begins late, it also keeps the gaps before it from the parser behind the pad.
void keep_sound_edges(GstPad* pad);

}  // namespace fkp
