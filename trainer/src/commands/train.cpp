// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train.h"

#include <csignal>
#include <memory>

#include "commands/commands.h"
#include "recipe.h"

namespace fkp {
namespace {

volatile std::sig_atomic_t interrupted = 0;  // a run stops after the epoch in hand

}  // namespace

void add_train(CLI::App& app) {
  struct Arguments {
    std::string recipe, folder;
    bool resume = false;
    int epochs = 0;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("train", "Train a network as a recipe says");
  command->add_option("RECIPE", arguments->recipe, "TOML file, as in trainer/recipes")->required();
  command->add_option("-o,--output", arguments->folder, "folder of the run [runs/NAME-OF-RECIPE]");
  command->add_option("--epochs", arguments->epochs, "instead of the recipe's")->check(CLI::PositiveNumber);
  command->add_flag("--resume", arguments->resume, "go on from the folder's checkpoint");
  command->footer("Example: fkp-train train trainer/recipes/fkp68.toml -o runs/fkp68");
  command->callback([arguments] {
    Recipe recipe = read_recipe(arguments->recipe);
    if (arguments->epochs > 0) recipe.train.epochs = arguments->epochs;
    const std::string folder = arguments->folder.empty() ? "runs/" + recipe.file.stem().string() : arguments->folder;
    std::signal(SIGINT, [](int) {
      interrupted = 1;
      std::signal(SIGINT, SIG_DFL);  // the next one ends it at once
    });
    train(recipe, folder, arguments->resume, [](int) { return interrupted != 0; });
  });
}

}  // namespace fkp
