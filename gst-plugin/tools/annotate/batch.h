// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

#include "annotate.h"
#include "plan.h"

namespace fkp {

/// What became of the jobs of a plan.
struct Outcome {
  std::size_t done = 0, there_already = 0, given_up = 0, not_begun = 0;
  std::vector<std::string> failed;  ///< their inputs
};

/// Does a plan's jobs, `at_a_time` in parallel, and reports to the user: what is done on standard output, progress and errors on
/// standard error. Throws std::runtime_error if no job can be started because the network cannot be loaded.
Outcome run_batch(const Plan& plan, const Manner& manner, int at_a_time, const std::atomic<Stop>& stop);

}  // namespace fkp
