// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "page/page.h"
#include "sample.h"

namespace fkp {

/// What became of one set of a recipe.
struct SetCount {
  std::string name;
  std::size_t train = 0, validation = 0;
  std::vector<Refusal> refused;
};

/// A table of the sets, and what was refused and why; `what` is counted.
void show_sets(const std::vector<SetCount>& sets, const std::string& what, Page& page);

}  // namespace fkp
