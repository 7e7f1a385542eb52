// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

// What the caps of decoded video say, mended where GStreamer or a file format could not go on with them.

namespace fkp {

/// A YUV colorimetry whose matrix is unknown counts for nothing in GStreamer: its range is lost with it, and full-range video would be
/// taken for video range. This names a matrix for what passes the pad, by the frame's height, as players do. A pixel aspect ratio that is
/// none, as of uncompressed AVI, becomes 1/1.
void complete_video(GstPad* pad);

/// Sound of more than two channels that does not say which they are, as in professional recordings, gets the usual ones for their number,
/// and speakers at the sides count as those behind, where there are no others: encoders know no other layouts and would mix down to one
/// channel.
void complete_channels(GstPad* pad);

/// Files and encoders keep the size that they began with. This makes a capsfilter behind a videoscale demand the size and the pixel
/// aspect ratio of the first frame that passes the pad. (The first caps may still change, as the tag comes that says how it is turned.)
void keep_first_size(GstPad* pad, GstElement* capsfilter);

}  // namespace fkp
