// SPDX-License-Identifier: LGPL-2.1-or-later
#include "run/run_writer.h"

#include "fkp/core/error.h"
#include "whole_file.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// Quotes a cell that would otherwise be read as several (RFC 4180).
std::string cell_of(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string heading(const std::vector<Column>& columns) {
  std::string line = "epoch,lr,loss";
  for (const Column& column : columns) line += ',' + cell_of(column.name);
  return line + '\n';
}

}  // namespace

RunWriter::RunWriter(fs::path folder, RunFacts facts, std::string recipe_text, std::optional<int> epochs_done, bool tensorboard)
    : folder_(std::move(folder)), facts_(std::move(facts)), recipe_text_(std::move(recipe_text)) {
  if (epochs_done) {
    // An epoch whose checkpoint was never written is repeated.
    shorten_log(folder_, *epochs_done);
    if (fs::exists(folder_ / "run.json")) {
      const RunFacts before = read_facts(folder_);
      facts_.seconds = before.seconds;
      facts_.waited = before.waited;
      facts_.best_epoch = before.best_epoch;
      facts_.best_error = before.best_error;
      facts_.best_in_words = before.best_in_words;
    }
    facts_.seconds.resize(static_cast<std::size_t>(*epochs_done));
    if (fs::exists(folder_ / "report.html")) sections_.results = results_of(read_bytes(folder_ / "report.html"));
  } else {
    write_bytes(folder_ / "log.csv", heading(facts_.columns));
  }
  write_bytes(folder_ / "recipe.toml", recipe_text_);
  log_.open(folder_ / "log.csv", std::ios::app);
  if (tensorboard) events_.emplace(folder_);
}

void RunWriter::add_epoch(double rate, double loss, const std::vector<double>& columns, double seconds, double waited) {
  facts_.seconds.push_back(seconds);
  facts_.waited += waited;
  const std::size_t epoch = facts_.seconds.size();
  log_ << epoch << ',' << rate << ',' << loss;
  for (double value : columns) log_ << ',' << value;
  log_ << std::endl;
  if (!log_) throw Error(ErrorKind::unwritten, "cannot write " + (folder_ / "log.csv").string() + ": is the disk full?");
  if (!events_) return;
  std::vector<std::pair<std::string, double>> scalars{{"loss", loss}, {"learning rate", rate}};
  for (std::size_t i = 0; i < columns.size(); i++) scalars.emplace_back(facts_.columns[i].name, columns[i]);
  events_->add(static_cast<std::int64_t>(epoch), scalars);
}

void RunWriter::set_best(double error, std::string in_words, std::string results) {
  facts_.best_epoch = static_cast<int>(facts_.seconds.size());
  facts_.best_error = error;
  facts_.best_in_words = std::move(in_words);
  sections_.results = std::move(results);
}

void RunWriter::write(RunState state) {
  facts_.state = state;
  write_facts(facts_, folder_);
  write_bytes(folder_ / "report.html", run_page(read_run(folder_), sections_));
}

void RunWriter::write_failure(const std::string& why, bool diverged) {
  facts_.failure = why;
  facts_.diverged = diverged;
  write(RunState::failed);
}

}  // namespace fkp
