// SPDX-License-Identifier: LGPL-2.1-or-later
#include "run/sweep.h"

#include <spdlog/spdlog.h>

#include <set>

#include "fkp/core/error.h"
#include "page/comparison_page.h"
#include "train/place.h"
#include "train/train.h"
#include "whole_file.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestValue = 60;  // in a folder's name

/// A value as a part of a folder's name; a long one, such as a list of layers, is replaced by its number among the key's values.
std::string name_of(const RecipeChange& change, std::size_t place) {
  const std::string value = change.value.size() > kLongestValue ? std::to_string(place) : change.value;
  std::string name = change.key.substr(change.key.rfind('.') + 1) + "=" + value;
  for (char& c : name)
    if (c == '/' || c == '"' || c == '\'' || c == ' ') c = '_';
  return name;
}

std::vector<RunRecord> records_of(const std::vector<Variant>& variants, const fs::path& folder) {
  std::vector<RunRecord> runs;
  for (const Variant& variant : variants)
    if (fs::exists(folder / variant.name / "run.json")) runs.push_back(read_run(folder / variant.name));
  return runs;
}

/// Whether there is nothing left to do for a variant. If there is, a checkpoint shows whether it can be resumed.
bool is_done(const fs::path& folder, const Recipe& recipe) {
  if (!fs::exists(folder / "run.json")) return false;
  const RunRecord run = read_run(folder);
  if (run.recipe_text != repeatable_text(recipe))
    throw Error(ErrorKind::unwritable, folder.string() + " holds a run of another recipe: name another folder with -o");
  return run.facts.state == RunState::finished || run.facts.diverged;
}

}  // namespace

std::vector<Variant> combinations(const std::vector<std::vector<RecipeChange>>& choices) {
  std::vector<Variant> all{{}};
  for (const auto& changes : choices) {
    std::vector<Variant> longer;
    for (const Variant& variant : all)
      for (std::size_t i = 0; i < changes.size(); i++) {
        longer.push_back(variant);
        longer.back().name += (variant.name.empty() ? "" : "_") + name_of(changes[i], i + 1);
        longer.back().changes.push_back(changes[i]);
      }
    all = std::move(longer);
  }
  return all;
}

bool sweep(const fs::path& recipe_file, const std::vector<RecipeChange>& common, const std::vector<Variant>& variants,
           const fs::path& folder, const std::function<bool(double)>& stop, bool tensorboard) {
  if (place_in_environment().size > 1)
    throw Error(ErrorKind::settings, "several processes train one run, not a sweep: start each of its runs by `fkp-train train`");
  // Reads all of them first, to report a mistake before hours of work, not after.
  std::vector<Recipe> recipes;
  std::set<std::string> names;
  for (const Variant& variant : variants) {
    if (!names.insert(variant.name).second)
      throw Error(ErrorKind::settings,
                  "two of its runs would have the folder " + variant.name + ": their values differ in blanks, / or _ alone, or not at all");
    std::vector<RecipeChange> changes = common;
    changes.insert(changes.end(), variant.changes.begin(), variant.changes.end());
    recipes.push_back(read_recipe(recipe_file, changes));
  }
  fs::create_directories(folder);
  const auto write_page = [&] {
    write_bytes(folder / "report.html", comparison_page("Sweep of " + recipe_file.filename().string(), records_of(variants, folder)));
  };
  std::size_t diverged = 0;
  for (std::size_t i = 0; i < variants.size(); i++) {
    const fs::path run = folder / variants[i].name;
    if (is_done(run, recipes[i])) {
      spdlog::info("{}: done already", variants[i].name);
      diverged += read_run(run).facts.diverged;
      continue;
    }
    spdlog::info("{} ({} of {})", variants[i].name, i + 1, variants.size());
    bool ended = true;
    try {
      ended = train(recipes[i], run, fs::exists(run / "checkpoint.pt"), stop, tensorboard);
    } catch (const Diverged& e) {
      spdlog::warn("{}: {}", variants[i].name, e.what());
      diverged++;
    }
    write_page();
    if (!ended) return false;
  }
  write_page();
  if (diverged == variants.size()) throw Diverged("every run diverged: lower [train] lr");
  return true;
}

}  // namespace fkp
