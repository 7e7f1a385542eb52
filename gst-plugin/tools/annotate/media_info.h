// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "gst_ptr.h"

namespace fkp {

/// A stream of sound or captions.
struct Stream {
  GstPtr<GstCaps> caps;         ///< as it is stored
  std::string missing_decoder;  ///< what GStreamer lacks here to decode it; empty: nothing
};

/// What a pipeline has to know of a film or a picture.
struct MediaInfo {
  std::string uri;
  int width = 0, height = 0;  ///< as it is shown, upright
  bool picture = false;
  std::vector<Stream> sound, captions;
  std::uint64_t duration = 0;  ///< nanoseconds; 0 where it is not known
};

/// The file that a file's name or a URI means; empty where it is none of this machine.
std::string file_of(const std::string& file_or_uri);

/// Looks into the file. Throws std::runtime_error that says why it cannot be read; `file_or_uri` is not in the text.
MediaInfo media_info(const std::string& file_or_uri);

}  // namespace fkp
