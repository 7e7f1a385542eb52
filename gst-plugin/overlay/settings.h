// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include "properties.h"
#include "style.h"

namespace fkp {

/// A property that shows or hides one thing, whatever the preset says.
struct Switch {
  Show show;
  const char *name, *nick, *blurb;
};

constexpr Switch kSwitches[] = {
    {kPoints, "show-points", "Show points", "Draw a dot at each keypoint; overrides the style once set"},
    {kOutline, "show-outline", "Show outline", "Draw the lines of the keypoint scheme; overrides the style once set"},
    {kBox, "show-box", "Show box", "Draw the face box; overrides the style once set"},
    {kId, "show-id", "Show id", "Write the face's id above its box; overrides the style once set"},
    {kScore, "show-score", "Show score",
     "Write above the box how sure the model is that this is a face, 0.00 to 1.00; overrides the style once set"},
    {kIndex, "show-index", "Show point numbers",
     "Write each keypoint's number beside it, from 0 in the order of the scheme, where there is room; overrides the style once set"},
};

/// The properties of fkpoverlay.
struct OverlaySettings {
  unsigned preset = 0;             ///< index into kPresets
  unsigned set = 0, switches = 0;  ///< bits of Show: which switches have been set, and which of these are on
  Style style;                     ///< all but what to show

  unsigned show() const { return (kPresets[preset].show & ~set) | switches; }
  /// How faces are drawn by all of these.
  Style drawing() const {
    Style all = style;
    all.show = show();
    return all;
  }
};

const Properties<OverlaySettings>& overlay_properties();

}  // namespace fkp
