// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "run/run_folder.h"

namespace fkp {

/// A comparison of runs, the lowest validation error first: a table with the differences of their recipes, and their curves in
/// common charts. Throws Error (mismatch) if they have no metric in common.
std::string comparison_page(const std::string& title, std::vector<RunRecord> runs);

}  // namespace fkp
