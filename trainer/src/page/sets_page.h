// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "data/sample.h"
#include "page/page.h"

namespace fkp {

/// Shows a table of the sets, and what was refused and why; `what` names the samples, such as "faces".
void show_sets(const std::vector<SetCount>& sets, const std::string& what, Page& page);

}  // namespace fkp
