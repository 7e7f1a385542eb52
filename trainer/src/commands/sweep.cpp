// SPDX-License-Identifier: LGPL-2.1-or-later
#include "run/sweep.h"

#include <memory>
#include <set>

#include "commands/commands.h"
#include "fkp/core/error.h"

namespace fkp {

void add_sweep(CLI::App& app) {
  struct Arguments {
    std::string recipe, folder;
    std::vector<std::string> changes;
    bool tensorboard = false;
    int epochs = 0;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("sweep", "Train a recipe with every combination of some values, and compare");
  command->add_option("RECIPE", arguments->recipe, "TOML file, as in trainer/recipes")->required();
  command->add_option("--set", arguments->changes, "KEY=VALUE,VALUE,… in TOML: train.lr=2e-3,1e-3; once a key")
      ->required()
      ->allow_extra_args(false);
  command->add_option("-o,--output", arguments->folder, "folder of the runs and their page")->required();
  command->add_option("--epochs", arguments->epochs, "as --set train.epochs=N")->check(above_zero());
  command->add_flag("--tensorboard", arguments->tensorboard, "write event files for TensorBoard, too");
  command->footer(
      "Example: fkp-train sweep trainer/recipes/fkp68.toml --set train.lr=2e-3,1e-3 --set train.batch=32,64 -o runs/rates\n"
      "Ctrl-C saves and stops; the same command goes on.");
  command->callback([arguments] {
    std::vector<std::vector<RecipeChange>> choices;
    std::set<std::string> keys;
    for (const std::string& text : arguments->changes) {
      choices.push_back(changes_from(text));
      const std::string& key = choices.back().front().key;
      if (!keys.insert(key).second) throw Error(ErrorKind::settings, "--set " + key + " is there twice: name all its values in one");
    }
    std::vector<RecipeChange> common;
    if (arguments->epochs > 0 && keys.count("train.epochs"))
      throw Error(ErrorKind::settings, "--epochs and --set train.epochs exclude each other");
    if (arguments->epochs > 0) common.push_back({"train.epochs", std::to_string(arguments->epochs)});
    require_end(sweep(arguments->recipe, common, combinations(choices), arguments->folder, stop_when_asked(), arguments->tensorboard),
                "the same command goes on");
  });
}

}  // namespace fkp
