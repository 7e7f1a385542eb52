// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "page/run_page.h"
#include "run/run_folder.h"
#include "run/tensorboard.h"

namespace fkp {

/// Writes the folder of a run except its weights: recipe.toml, log.csv, run.json, report.html, and TensorBoard's events.
class RunWriter {
 public:
  /// Begins a run, or continues one after its first `epochs_done` epochs. `facts` holds what is known beforehand.
  RunWriter(std::filesystem::path folder, RunFacts facts, std::string recipe_text, std::optional<int> epochs_done, bool tensorboard);

  /// Sets the section of the page about the data.
  void set_data(std::string html) { sections_.data = std::move(html); }

  /// Adds a finished epoch, as a line of log.csv.
  void add_epoch(double rate, double loss, const std::vector<double>& columns, double seconds, double waited);

  /// Records that the epoch added last has the best weights so far.
  void set_best(double error, std::string in_words, std::string results);

  /// Writes run.json, and the page.
  void write(RunState state);
  void write_failure(const std::string& why, bool diverged);

 private:
  std::filesystem::path folder_;
  RunFacts facts_;
  std::string recipe_text_;
  RunSections sections_;
  std::ofstream log_;
  std::optional<EventFile> events_;
};

}  // namespace fkp
