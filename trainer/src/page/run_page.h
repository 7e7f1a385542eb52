// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

#include "page/chart.h"
#include "run/run_folder.h"

namespace fkp {

/// The parts of a run's page that the task makes, as bodies of pages (page.h).
struct RunSections {
  std::string data;     ///< the sets, and what the network sees
  std::string results;  ///< of the best weights so far; empty if there are none yet
};

/// "3 min 5 s"
std::string clock_text(double seconds);

/// "finished, 10 of 10 epochs"
std::string state_in_words(const RunFacts& facts);

/// A column of a run's log over its epochs.
Curve curve_of(const RunRecord& run, std::size_t column, const std::string& name);

/// The titles of the charts of the columns that the run's task adds, in their order.
std::vector<std::string> own_charts(const RunFacts& facts);

/// report.html of a run.
std::string run_page(const RunRecord& run, const RunSections& sections);

/// The results in an earlier page of a resumed run; empty if there are none.
std::string results_of(const std::string& page);

}  // namespace fkp
