// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>

#include "data/sample.h"

namespace fkp {

// A packed set, FILE.pack: the line "fkp-pack 1"; a line of JSON with the scheme, the refusals and, for each face, its picture's
// name, group, points, number of bytes and, where there are any, the boxes of the picture's other faces; then the grey crops of all
// faces as PNG or JPEG, one after another. A training crop that reaches beyond one, because it is much turned or moved or shows the
// background, sees its edge where the picture goes on.

constexpr const char* kPackBegins = "fkp-pack 1\n";

struct PackOptions {
  float margin = 3;            ///< side of a stored crop relative to that of the face box; limited by the picture's edges
  int side = 0;                ///< pixels: larger face boxes are shrunk to this side; 0: none are
  int quality = 0;             ///< of JPEG, 1 to 100; 0: PNG, which is lossless
  bool whole_picture = false;  ///< store whole pictures instead, as for networks that look at them (CropSpec::whole_picture)
};

/// Throws Error (unwritten).
void write_pack(const Dataset& data, const Scheme& scheme, const PackOptions& options, const std::filesystem::path& file);

/// The scheme of a packed set. Throws Error: not_found, unreadable.
Scheme scheme_of_pack(const std::filesystem::path& file);

}  // namespace fkp
