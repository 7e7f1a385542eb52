// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>

#include "fkp/core/error.h"
#include "recipe.h"
#include "train.h"

namespace {

constexpr int kFailedRun = 1, kWrongUse = 2;

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
    fkp::Recipe recipe = fkp::read_recipe(arguments->recipe);
    if (arguments->epochs > 0) recipe.train.epochs = arguments->epochs;
    const std::string folder = arguments->folder.empty() ? "runs/" + recipe.file.stem().string() : arguments->folder;
    fkp::train(recipe, folder, arguments->resume);
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("fkp-train makes networks that find facial keypoints");
  app.require_subcommand(1);
  add_train(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kWrongUse;
  } catch (const std::exception& e) {
    spdlog::error("{}", e.what());
    return kFailedRun;
  }
  return 0;
}
