// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>

namespace fkp {

/// The video-direction that makes videoflip turn a JPEG upright, as its EXIF block says; "auto" if that says nothing. decodebin does not
/// tell: where jpegparse has no rank, as in GStreamer 1.22, it gives the picture to jpegdec, which does not read the block.
std::string jpeg_direction(const std::string& uri);

}  // namespace fkp
