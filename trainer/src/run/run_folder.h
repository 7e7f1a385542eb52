// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace fkp {

/// A column of log.csv that a task adds to the epoch, the learning rate and the loss.
struct Column {
  std::string name;
  std::string chart;  ///< the title of the chart that it is drawn in, with its unit: columns of one chart share an axis; empty: in none
};

/// What has become of a run.
enum class RunState { running, stopped, finished, failed };

/// What a run's folder says of it in run.json: all that log.csv and recipe.toml do not.
struct RunFacts {
  std::string recipe;  ///< the file's name
  RunState state = RunState::running;
  std::string failure;    ///< why, where it failed
  bool diverged = false;  ///< that is why: it would again
  std::uint64_t seed = 0;
  int epochs = 0;  ///< that were asked for
  std::string device = "cpu";
  int threads = 0;                    ///< of the processor
  int workers = 1;                    ///< processes that shared each batch
  std::string fkp, libtorch, opencv;  ///< versions
  std::string cpu;
  int cores = 0;
  std::vector<double> seconds;  ///< of each epoch, validation included
  double waited = 0;            ///< of all these, for data
  int best_epoch = 0;           ///< 0: none yet
  double best_error = 0;        ///< the less, the better
  std::string best_in_words;    ///< "validation NME 3.21 %"
  std::vector<Column> columns;
};

/// Versions and machine, filled in.
RunFacts facts_of_this_machine();

/// log.csv, column by column: the epoch, the learning rate, the loss, then RunFacts::columns.
using RunLog = std::vector<std::vector<double>>;
constexpr std::size_t kEpochColumn = 0, kRateColumn = 1, kLossColumn = 2, kOwnColumns = 3;

/// A run as its folder tells it.
struct RunRecord {
  std::string name;  ///< the folder's
  RunFacts facts;
  RunLog log;
  std::string recipe_text;
};

/// Throws Error (unwritten).
void write_facts(const RunFacts& facts, const std::filesystem::path& folder);

/// Throws Error: not_found where the folder holds no run, unreadable with file and reason where its files are not what they
/// should be.
RunRecord read_run(const std::filesystem::path& folder);

/// Takes the epochs after the first `epochs` out of log.csv: those of which the run knows nothing any more. Throws Error.
void shorten_log(const std::filesystem::path& folder, int epochs);

}  // namespace fkp
