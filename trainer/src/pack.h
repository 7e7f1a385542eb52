// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>

#include "sample.h"

namespace fkp {

// A packed set, FILE.pack: the line "fkp-pack 1", a line of JSON with the scheme, the refusals and for each face its picture's
// name, group, points and length, then the faces' crops as PNG or JPEG, one after another. In grey; pixels that no crop of a
// training could show are left out.

struct PackOptions {
  float margin = 3;  ///< side of a stored crop over that of the face box; the picture's edges limit it
  int side = 0;      ///< of the face box, pixels, to which larger faces are shrunk; 0: none are
  int quality = 0;   ///< of JPEG, 1 to 100; 0: PNG, which loses nothing
};

/// Throws Error (unwritten).
void write_pack(const Dataset& data, const Scheme& scheme, const PackOptions& options, const std::filesystem::path& file);

/// The scheme of a packed set. Throws Error: not_found, unreadable.
Scheme scheme_of_pack(const std::filesystem::path& file);

}  // namespace fkp
