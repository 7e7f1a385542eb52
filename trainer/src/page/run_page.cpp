// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/run_page.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "page/page.h"
#include "programs/counted.h"

namespace fkp {
namespace {

const std::string kResultsBegin = "<!-- results -->\n", kResultsEnd = "<!-- /results -->\n";

double total(const std::vector<double>& seconds) { return std::accumulate(seconds.begin(), seconds.end(), 0.0); }

std::string best_in_words(const RunFacts& f) {
  return f.best_epoch == 0 ? "no weights yet" : f.best_in_words + " after epoch " + std::to_string(f.best_epoch);
}

std::string versions(const RunFacts& f) { return "fkp " + f.fkp + ", libtorch " + f.libtorch + ", OpenCV " + f.opencv; }

std::string machine(const RunFacts& f) { return f.cpu + ", " + std::to_string(f.cores) + " cores"; }

std::string per_epoch(const RunFacts& f) {
  return f.seconds.empty() ? "–" : clock_text(total(f.seconds) / static_cast<double>(f.seconds.size()));
}

void show_curves(const RunRecord& run, Page& page) {
  page.section("Curves");
  std::vector<std::string> charts{svg_of({"Loss", "epoch", {curve_of(run, kLossColumn, "loss")}, true})};
  for (const std::string& title : own_charts(run.facts)) {
    Chart chart{title, "epoch", {}, true};
    for (std::size_t i = 0; i < run.facts.columns.size(); i++)
      if (run.facts.columns[i].chart == title) chart.curves.push_back(curve_of(run, kOwnColumns + i, run.facts.columns[i].name));
    charts.push_back(svg_of(chart));
  }
  charts.push_back(svg_of({"Learning rate", "epoch", {curve_of(run, kRateColumn, "learning rate")}}));
  page.drawings(charts);
}

void show_machine(const RunFacts& f, Page& page) {
  page.section("Run");
  page.table({{"", ""},
              {"state", state_in_words(f)},
              {"best weights", best_in_words(f) + ", in model.pt"},
              {"time", clock_text(total(f.seconds)) + ", " + per_epoch(f) + " an epoch (validation included); " + clock_text(f.waited) +
                           " of it waiting for data"},
              {"seed", std::to_string(f.seed)},
              {"machine", machine(f) + ", " + (f.workers > 1 ? std::to_string(f.workers) + " processes of " : "") +
                              counted(static_cast<std::uint64_t>(f.threads), "thread") + (f.device == "cpu" ? "" : ", on " + f.device)},
              {"versions", versions(f)}});
}

}  // namespace

std::string clock_text(double seconds) {
  const long s = std::lround(seconds);
  if (s < 60) return number_text(std::round(seconds * 10) / 10) + " s";
  return s < 3600 ? std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s"
                  : std::to_string(s / 3600) + " h " + std::to_string(s / 60 % 60) + " min";
}

Curve curve_of(const RunRecord& run, std::size_t column, const std::string& name) {
  Curve curve{name, {}};
  for (std::size_t i = 0; i < run.log[column].size(); i++) curve.points.emplace_back(run.log[kEpochColumn][i], run.log[column][i]);
  return curve;
}

std::vector<std::string> own_charts(const RunFacts& facts) {
  std::vector<std::string> titles;
  for (const Column& column : facts.columns)
    if (!column.chart.empty() && std::find(titles.begin(), titles.end(), column.chart) == titles.end()) titles.push_back(column.chart);
  return titles;
}

std::string state_in_words(const RunFacts& f) {
  const std::string done = std::to_string(f.seconds.size()) + " of " + std::to_string(f.epochs) + " epochs";
  switch (f.state) {
    case RunState::running:
      return "running, " + done;
    case RunState::stopped:
      return "stopped after " + done;
    case RunState::finished:
      return "finished, " + done;
    case RunState::failed:
      break;
  }
  return "failed after " + done;
}

std::string run_page(const RunRecord& run, const RunSections& sections) {
  Page page;
  if (run.facts.state == RunState::failed) page.text("It failed: " + run.facts.failure);
  if (!run.facts.seconds.empty()) show_curves(run, page);
  page.html(kResultsBegin + sections.results + kResultsEnd);
  page.html(sections.data);
  show_machine(run.facts, page);
  page.details("recipe.toml", run.recipe_text);
  return page_html(run.name, run.facts.recipe + ": " + state_in_words(run.facts) + "; " + best_in_words(run.facts), page.body());
}

std::string results_of(const std::string& page) {
  const std::size_t begin = page.find(kResultsBegin), end = page.find(kResultsEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
  return page.substr(begin + kResultsBegin.size(), end - begin - kResultsBegin.size());
}

}  // namespace fkp
