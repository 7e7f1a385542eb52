// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "run/run_folder.h"

namespace fkp {

/// Runs side by side, the least validation error first: a table with what differs in their recipes, and their curves over each
/// other. Throws Error (mismatch) where they do not measure the same.
std::string comparison_page(const std::string& title, std::vector<RunRecord> runs);

}  // namespace fkp
