// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "data/sample.h"
#include "page/page.h"

namespace fkp {

/// How many samples of a set are used, and what was refused.
struct SetCount {
  std::string name;
  std::size_t train = 0, validation = 0;
  std::vector<Refusal> refused;
};

/// Shows a table of the sets, and what was refused and why; `what` names the samples, such as "faces".
void show_sets(const std::vector<SetCount>& sets, const std::string& what, Page& page);

}  // namespace fkp
