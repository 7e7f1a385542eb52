// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/comparison_page.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "fkp/core/error.h"
#include "page/page.h"
#include "page/run_page.h"
#include "recipe/recipe_changes.h"

namespace fkp {
namespace {

RecipeSettings settings_of(const RunRecord& run) {
  RecipeSettings settings = settings_in(run.recipe_text, run.name + "/recipe.toml");
  settings.erase("data.root");  // differs between machines
  return settings;
}

std::string value_of(const RecipeSettings& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? "–" : found->second;
}

/// The keys whose values differ between runs.
std::vector<std::string> differing(const std::vector<RecipeSettings>& all) {
  std::set<std::string> keys;
  for (const RecipeSettings& settings : all)
    for (const auto& [key, value] : settings) keys.insert(key);
  std::vector<std::string> different;
  for (const std::string& key : keys)
    if (std::any_of(all.begin(), all.end(), [&](const RecipeSettings& s) { return value_of(s, key) != value_of(all[0], key); }))
      different.push_back(key);
  return different;
}

void show_table(const std::vector<RunRecord>& runs, Page& page) {
  std::vector<RecipeSettings> settings;
  for (const RunRecord& run : runs) settings.push_back(settings_of(run));
  const std::vector<std::string> keys = differing(settings);
  std::vector<std::string> heading{"run"};
  heading.insert(heading.end(), keys.begin(), keys.end());
  for (const char* name : {"best", "at epoch", "state", "time", "machine"}) heading.emplace_back(name);
  std::vector<std::vector<std::string>> table{heading};
  for (std::size_t i = 0; i < runs.size(); i++) {
    const RunFacts& f = runs[i].facts;
    std::vector<std::string> row{runs[i].name};
    for (const std::string& key : keys) row.push_back(value_of(settings[i], key));
    const double seconds = std::accumulate(f.seconds.begin(), f.seconds.end(), 0.0);
    const bool any = f.best_epoch > 0;
    row.insert(row.end(), {any ? f.best_in_words : "–", any ? std::to_string(f.best_epoch) : "–",
                           f.state == RunState::failed     ? "failed: " + f.failure
                           : f.state == RunState::finished ? "finished"
                                                           : state_in_words(f),
                           clock_text(seconds), f.cpu});
    table.push_back(row);
  }
  page.section("Runs, the least validation error first");
  page.table(table);
}

/// A chart of one column of every run, at index `column(run)`.
template <typename Column>
std::string chart_of(const std::vector<RunRecord>& runs, const std::string& title, Column&& column) {
  Chart chart{title, "epoch", {}, true};
  for (const RunRecord& run : runs) chart.curves.push_back(curve_of(run, column(run), run.name));
  return svg_of(chart);
}

/// The columns of a run that belong in a chart, as indices into RunFacts::columns.
std::vector<std::size_t> columns_of(const RunRecord& run, const std::string& chart) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < run.facts.columns.size(); i++)
    if (run.facts.columns[i].chart == chart) found.push_back(i);
  return found;
}

/// The charts that all runs have: only some networks give a face score.
std::vector<std::string> common_charts(const std::vector<RunRecord>& runs) {
  std::vector<std::string> charts = own_charts(runs[0].facts);
  const auto lacks = [&](const std::string& chart) {
    return std::any_of(runs.begin(), runs.end(), [&](const RunRecord& run) { return columns_of(run, chart).empty(); });
  };
  charts.erase(std::remove_if(charts.begin(), charts.end(), lacks), charts.end());
  return charts;
}

}  // namespace

std::string comparison_page(const std::string& title, std::vector<RunRecord> runs) {
  if (runs.empty()) return page_html(title, "no runs", "");
  const std::vector<std::string> common = common_charts(runs);
  if (common.empty()) throw Error(ErrorKind::mismatch, "these runs measure different things: compare runs of one task");
  std::stable_sort(runs.begin(), runs.end(), [](const RunRecord& a, const RunRecord& b) {
    const bool x = a.facts.best_epoch > 0, y = b.facts.best_epoch > 0;
    return x != y ? x : x && a.facts.best_error < b.facts.best_error;
  });
  Page page;
  show_table(runs, page);
  page.section("Curves");
  std::vector<std::string> charts;
  // Of a chart with several columns only the first: a curve per run and set would be too many.
  for (const std::string& chart : common) {
    const auto columns = columns_of(runs[0], chart);
    const std::string title = columns.size() > 1 ? chart + ": " + runs[0].facts.columns[columns[0]].name : chart;
    charts.push_back(chart_of(runs, title, [&](const RunRecord& run) { return kOwnColumns + columns_of(run, chart)[0]; }));
  }
  charts.push_back(chart_of(runs, "Loss", [](const RunRecord&) { return kLossColumn; }));
  charts.push_back(chart_of(runs, "Learning rate", [](const RunRecord&) { return kRateColumn; }));
  page.drawings(charts);
  return page_html(title,
                   std::to_string(runs.size()) + " runs; the best: " + runs[0].name +
                       (runs[0].facts.best_epoch > 0 ? ", " + runs[0].facts.best_in_words : ""),
                   page.body());
}

}  // namespace fkp
