// SPDX-License-Identifier: LGPL-2.1-or-later
#include "run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <torch/version.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>
#include <sstream>
#include <thread>

#include "fkp/core/error.h"
#include "whole_file.h"

namespace fkp {

namespace fs = std::filesystem;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Column, name, chart)

NLOHMANN_JSON_SERIALIZE_ENUM(RunState, {{RunState::running, "running"},
                                        {RunState::stopped, "stopped"},
                                        {RunState::finished, "finished"},
                                        {RunState::failed, "failed"}})

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RunFacts, recipe, state, failure, diverged, seed, epochs, device, threads, workers, fkp, libtorch,
                                   opencv, cpu, cores, seconds, waited, best_epoch, best_error, best_in_words, columns)

namespace {

std::string text_of(const fs::path& file) {
  if (!fs::exists(file)) throw Error(ErrorKind::not_found, "there is no " + file.string() + ": the folder holds no run of fkp-train");
  return read_bytes(file);
}

std::string cpu_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(std::min(line.size(), line.find(':') + 2));
  return "unknown";
}

/// The numbers below the heading, which is not needed: run.json names the columns.
RunLog log_of(const fs::path& file, std::size_t columns) {
  std::istringstream in(text_of(file));
  RunLog log(columns);
  std::string line;
  std::getline(in, line);
  for (int row = 2; std::getline(in, line); row++) {
    std::istringstream cells(line);
    std::size_t i = 0;
    for (std::string cell; std::getline(cells, cell, ','); i++) {
      char* end = nullptr;
      const double value = std::strtod(cell.c_str(), &end);
      if (i >= columns || cell.empty() || *end != 0) break;
      log[i].push_back(value);
    }
    if (i != columns || !cells.eof())
      throw Error(ErrorKind::unreadable,
                  file.string() + ":" + std::to_string(row) + ": it is not a line of " + std::to_string(columns) + " numbers");
  }
  return log;
}

}  // namespace

RunFacts facts_of_this_machine() {
  RunFacts facts;
  facts.fkp = FKP_VERSION;
  facts.libtorch = TORCH_VERSION;
  facts.opencv = CV_VERSION;
  facts.cpu = cpu_name();
  facts.cores = static_cast<int>(std::thread::hardware_concurrency());
  return facts;
}

void write_facts(const RunFacts& facts, const fs::path& folder) {
  write_bytes(folder / "run.json", nlohmann::json(facts).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
}

RunFacts read_facts(const fs::path& folder) {
  const fs::path file = folder / "run.json";
  try {
    return nlohmann::json::parse(text_of(file)).get<RunFacts>();
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::unreadable, file.string() + ": " + e.what());
  }
}

RunRecord read_run(const fs::path& folder) {
  RunRecord run;
  run.name = fs::weakly_canonical(folder).filename().string();
  run.facts = read_facts(folder);
  run.log = log_of(folder / "log.csv", kOwnColumns + run.facts.columns.size());
  run.recipe_text = text_of(folder / "recipe.toml");
  return run;
}

RunLock::RunLock(const fs::path& folder) : folder_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (folder_ < 0 || flock(folder_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  close(folder_);
  throw Error(ErrorKind::unwritable, folder.string() + " is being trained by another process");
}

RunLock::~RunLock() {
  if (folder_ >= 0) close(folder_);
}

void shorten_log(const fs::path& folder, int epochs) {
  std::istringstream in(text_of(folder / "log.csv"));
  std::string kept, line;
  for (int row = 0; row <= epochs && std::getline(in, line); row++) kept += line + '\n';
  write_bytes(folder / "log.csv", kept);
}

}  // namespace fkp
