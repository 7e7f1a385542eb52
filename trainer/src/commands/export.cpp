// SPDX-License-Identifier: LGPL-2.1-or-later
#include <filesystem>
#include <memory>

#include "commands/commands.h"
#include "fkp/core/error.h"
#include "recipe/recipe_changes.h"
#include "run/run_folder.h"
#include "train/train.h"
#include "whole_file.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// The recipe of a run, under its original file name if that is recorded, on any device.
Recipe recipe_of(const fs::path& folder) {
  Recipe recipe = read_recipe(folder / "recipe.toml");
  if (fs::exists(folder / "run.json")) recipe.file = folder / read_facts(folder).recipe;
  recipe.train.device = "auto";
  return recipe;
}

void export_model(const fs::path& from, const fs::path& to, bool force) {
  require_free(to, force);
  if (!fs::is_directory(from)) {
    if (!fs::exists(from)) throw Error(ErrorKind::not_found, "there is no run or checkpoint " + from.string());
    export_checkpoint(recipe_of(from.parent_path()), from, to);
    return;
  }
  const fs::path best = from / "model.pt";
  if (!fs::exists(best)) throw Error(ErrorKind::not_found, "there is no " + best.string() + ": no epoch of the run has ended");
  write_bytes(to, read_bytes(best));
}

}  // namespace

void add_export(CLI::App& app) {
  struct Arguments {
    std::string from, to;
    bool force = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("export", "Write the model file of a run's best weights, or of a checkpoint's");
  command->add_option("RUN", arguments->from, "folder of a run, or checkpoint.pt in one, which is measured anew on the recipe's data")
      ->required();
  command->add_option("-o,--output", arguments->to, "model file to write, as fkpdetect model= takes it")->required();
  command->add_flag("--force", arguments->force, "overwrite");
  command->footer(
      "Examples: fkp-train export runs/fkp68 -o mine.pt\n"
      "          fkp-train export runs/fkp68/checkpoint.pt -o last.pt");
  command->callback([arguments] { export_model(arguments->from, arguments->to, arguments->force); });
}

}  // namespace fkp
