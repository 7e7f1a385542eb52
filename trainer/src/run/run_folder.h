// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace fkp {

/// A column that a task adds to log.csv, after the epoch, the learning rate and the loss.
struct Column {
  std::string name;
  std::string chart;  ///< title and unit of the chart that shows it, shared by columns of the same title; empty: not shown
};

/// The state of a run.
enum class RunState { running, stopped, finished, failed };

/// The content of run.json: all about a run that is not in log.csv or recipe.toml.
struct RunFacts {
  std::string recipe;  ///< the file's name
  RunState state = RunState::running;
  std::string failure;    ///< why it failed, if it did
  bool diverged = false;  ///< it failed because it diverged, and would do so again
  std::uint64_t seed = 0;
  int epochs = 0;                     ///< number requested
  std::string device = "cpu";         ///< "cuda:0", "cpu in bfloat16"
  int threads = 0;                    ///< CPU threads
  int workers = 1;                    ///< processes that shared each batch
  std::string fkp, libtorch, opencv;  ///< versions
  std::string cpu;
  int cores = 0;
  std::vector<double> seconds;  ///< of each epoch, validation included
  double waited = 0;            ///< seconds of these spent waiting for data
  int best_epoch = 0;           ///< 0: none yet
  double best_error = 0;        ///< lower is better
  std::string best_in_words;    ///< "validation NME 3.21 %"
  std::vector<Column> columns;
};

/// RunFacts with versions and machine filled in.
RunFacts facts_of_this_machine();

/// log.csv, column by column: the epoch, the learning rate, the loss, then RunFacts::columns.
using RunLog = std::vector<std::vector<double>>;
constexpr std::size_t kEpochColumn = 0, kRateColumn = 1, kLossColumn = 2, kOwnColumns = 3;

/// A run as recorded in its folder.
struct RunRecord {
  std::string name;  ///< of the folder
  RunFacts facts;
  RunLog log;
  std::string recipe_text;
};

/// Throws Error (unwritten).
void write_facts(const RunFacts& facts, const std::filesystem::path& folder);

/// The content of its run.json. Throws as read_run.
RunFacts read_facts(const std::filesystem::path& folder);

/// Throws Error: not_found if the folder holds no run, unreadable with file and reason if its files are malformed.
RunRecord read_run(const std::filesystem::path& folder);

/// Keeps a run's folder to one process while it exists, as far as the file system knows locks.
class RunLock {
 public:
  /// Throws Error (unwritable) if another process has it.
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int folder_;
};

/// Removes the epochs after the first `epochs` from log.csv: those that the checkpoint does not contain. Throws Error.
void shorten_log(const std::filesystem::path& folder, int epochs);

}  // namespace fkp
