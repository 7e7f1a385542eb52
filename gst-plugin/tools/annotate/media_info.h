// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "gst_ptr.h"

namespace fkp {

/// A stream of sound or captions.
struct Stream {
  GstPtr<GstCaps> caps;         ///< as stored in the file
  std::string missing_decoder;  ///< description of the decoder that GStreamer lacks here; empty: none
};

/// What a pipeline has to know about a video or a picture.
struct MediaInfo {
  std::string uri;
  int width = 0, height = 0;  ///< of a video: as shown, upright
  bool picture = false;
  std::string direction = "auto";  ///< videoflip's video-direction
  int video_tracks = 1;
  std::vector<Stream> sound, captions;
  std::uint64_t duration = 0;  ///< nanoseconds; 0 if unknown
  bool live = false;
};

/// The file that a file name or a URI refers to; empty if it is not on this machine.
std::string file_of(const std::string& file_or_uri);

/// Inspects the file. Throws std::runtime_error that says why it cannot be read, without naming `file_or_uri`.
MediaInfo media_info(const std::string& file_or_uri);

}  // namespace fkp
