// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/begin.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "fkp/core/error.h"
#include "recipe/recipe_changes.h"
#include "run/run_folder.h"
#include "whole_file.h"

namespace fkp {

namespace fs = std::filesystem;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

bool begins_with(const std::string& text, const std::string& begin) { return text.compare(0, begin.size(), begin) == 0; }

/// Keys that say where things are on a machine, or how it computes.
bool is_of_machine(const std::string& key) {
  static const std::set<std::string> keys{"data.root", "network.start", "train.device", "train.threads", "train.precision"};
  return keys.count(key) > 0;
}

/// Keys whose change would make a resumed run's record false: who is held out, the network, and what an epoch is.
bool is_bound(const std::string& key) {
  static const std::set<std::string> keys{"task", "scheme", "seed", "train.batch", "train.pictures", "train.optimizer", "train.masked"};
  return keys.count(key) > 0 || begins_with(key, "data.") || begins_with(key, "network.") || begins_with(key, "scheme.");
}

/// The different keys of two recipes, but for those of the machine.
std::vector<std::string> differences(const std::string& text, const std::string& other) {
  std::vector<std::string> keys = different_keys(text, other);
  keys.erase(std::remove_if(keys.begin(), keys.end(), is_of_machine), keys.end());
  return keys;
}

}  // namespace

void require_same_recipe(const std::string& text, const Workers& workers) {
  std::vector<std::string> keys = differences(text, workers.of_first(workers.first() ? text : ""));
  keys.erase(std::remove(keys.begin(), keys.end(), "teacher.model"), keys.end());  // which may lie elsewhere here
  if (!keys.empty())
    throw Error(ErrorKind::mismatch, "worker " + std::to_string(workers.rank()) + " has a recipe with another " + joined(keys) +
                                         " than worker 0: all workers need the same recipe");
}

void prepare_folder(const fs::path& folder, bool resume, const std::string& recipe_text) {
  const bool begun = fs::exists(folder / "checkpoint.pt");
  // A model without a checkpoint is somebody's own, unless the run that wrote it failed before it had any.
  const bool broken = fs::exists(folder / "run.json") && read_facts(folder).state != RunState::finished;
  if (!resume && (begun || (fs::exists(folder / "model.pt") && !broken)))
    throw Error(ErrorKind::unwritable, folder.string() + " holds a run already: " +
                                           (begun ? "go on with --resume, or name another folder with -o" : "name another folder with -o"));
  if (resume && !begun) throw Error(ErrorKind::not_found, "there is no " + (folder / "checkpoint.pt").string() + " to resume from");
  fs::create_directories(folder);
  if (!resume || !fs::exists(folder / "recipe.toml")) return;
  const std::vector<std::string> keys = differences(read_bytes(folder / "recipe.toml"), recipe_text);
  std::vector<std::string> bound;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(bound), is_bound);
  if (!bound.empty())
    throw Error(ErrorKind::mismatch, folder.string() + " was trained with another " + joined(bound) +
                                         ": resume it with the same recipe, or begin a new run from its weights ([network] start)");
  if (!keys.empty()) spdlog::warn("{} goes on with another {} than before", folder.string(), joined(keys));
}

}  // namespace fkp
