// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.h"

#include <array>
#include <iterator>

namespace fkp {
namespace {

GType style_type() {
  static const GType type = [] {
    static std::array<GEnumValue, std::size(kPresets) + 1> values{};  // zero-terminated
    for (std::size_t i = 0; i < std::size(kPresets); i++) values[i] = {static_cast<gint>(i), kPresets[i].description, kPresets[i].name};
    return plugin_enum("GstFkpOverlayStyle", values.data());
  }();
  return type;
}

Properties<OverlaySettings> all_properties() {
  Properties<OverlaySettings> all;
  all.choice(
         "style", "Style", "What is shown of a face, unless a show-* property says otherwise", style_type(), kControllable,
         [](auto& s) -> auto& { return s.preset; })
      .number(
          "color", "Colour", "Colour of everything drawn, as 0xAARRGGBB with 8 bits each; alpha 0xff is opaque", 0U, G_MAXUINT32,
          kControllable, [](auto& s) -> auto& { return s.style.color; })
      .number(
          "radius", "Radius", "Radius of a point's dot in pixels; 0: by the face's size, 1 to 6 pixels", 0.f, 1000.f, kControllable,
          [](auto& s) -> auto& { return s.style.radius; })
      .number(
          "line-width", "Line width", "Width of outline and box in pixels; 0: by the face's size, 0.8 to 4.2 pixels", 0.f, 1000.f,
          kControllable, [](auto& s) -> auto& { return s.style.line_width; });
  for (const Switch& s : kSwitches)
    all.other(
        g_param_spec_boolean(s.name, s.nick, s.blurb, (OverlaySettings().show() & s.show) != 0, kControllable),
        [bit = s.show](OverlaySettings& settings, const GValue* on) {
          settings.set |= bit;
          settings.switches = g_value_get_boolean(on) ? settings.switches | bit : settings.switches & ~bit;
        },
        [bit = s.show](const OverlaySettings& settings, GValue* on) { g_value_set_boolean(on, (settings.show() & bit) != 0); });
  return all;
}

}  // namespace

const Properties<OverlaySettings>& overlay_properties() {
  static const auto all = all_properties();
  return all;
}

}  // namespace fkp
