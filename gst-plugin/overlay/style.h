// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>

namespace fkp {

/// What can be drawn of a face; bit flags.
enum Show : unsigned { kPoints = 1, kOutline = 2, kBox = 4, kId = 8, kScore = 16, kIndex = 32 };

/// How faces are drawn.
struct Style {
  std::uint32_t color = 0xff00e676;  ///< 0xAARRGGBB
  float radius = 0;                  ///< of a point's dot in pixels; 0: derived from the face's size
  float line_width = 0;              ///< pixels; 0: derived from the face's size
  unsigned show = 0;                 ///< bits of Show
};

/// A value of the property `style`.
struct Preset {
  const char* name;
  const char* description;
  unsigned show;
};

/// The first is the default.
constexpr Preset kPresets[] = {
    {"mesh", "The points, and the lines between them", kPoints | kOutline},
    {"points", "The points alone", kPoints},
    {"outline", "The lines alone", kOutline},
    {"box", "The face's box and number", kBox | kId},
    {"full", "Points, lines, box and number", kPoints | kOutline | kBox | kId},
    {"debug", "Everything, with the score and the points' numbers", kPoints | kOutline | kBox | kId | kScore | kIndex},
    {"none", "Nothing", 0},
};

}  // namespace fkp
