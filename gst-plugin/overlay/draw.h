// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/fkp/gstfkpmeta.h>
#include <gst/video/video.h>

#include <cstdint>

namespace fkp {

/// How faces are drawn: the properties of fkpoverlay.
struct Style {
  std::uint32_t color = 0xff00e676;  ///< 0xAARRGGBB
  float radius = 0;                  ///< of a point's dot in pixels; 0: by the face's size
  float line_width = 0;              ///< pixels; 0: by the face's size
  bool points = true;
  bool outline = true;
  bool box = false;
  bool id = false;
  bool index = false;  ///< the points' numbers
};

/// Whether draw() would change a pixel.
bool anything_to_draw(const GstFkpMeta* meta, const Style& style);

/// Draws the faces into a frame mapped for reading and writing (see Canvas). Coordinates of a meta of another size than the
/// frame's are scaled to it.
void draw(GstVideoFrame& frame, const GstFkpMeta& meta, const Style& style);

}  // namespace fkp
