// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/train.h"

#include <memory>

#include "commands/commands.h"
#include "recipe/recipe_changes.h"

namespace fkp {

void add_train(CLI::App& app) {
  struct Arguments {
    std::string recipe, folder, device;
    std::vector<std::string> changes;
    bool resume = false, tensorboard = false;
    int epochs = 0, timeout = 60;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("train", "Train a network as a recipe says");
  command->add_option("RECIPE", arguments->recipe, "TOML file, as in trainer/recipes")->required();
  command->add_option("-o,--output", arguments->folder, "folder of the run [runs/NAME-OF-RECIPE]");
  command->add_option("--set", arguments->changes, "KEY=VALUE instead of the recipe's, in TOML: train.lr=1e-3")->allow_extra_args(false);
  command->add_option("--epochs", arguments->epochs, "as --set train.epochs=N")->check(above_zero());
  command->add_option("--device", arguments->device, "as --set train.device: auto, cpu, cuda or cuda:N");
  command->add_flag("--resume", arguments->resume, "go on from the folder's checkpoint");
  command->add_flag("--tensorboard", arguments->tensorboard, "write event files for TensorBoard, too");
  command->add_option("--timeout", arguments->timeout, "seconds of silence after which another process of the training counts as lost")
      ->check(above_zero())
      ->capture_default_str();
  command->footer(
      "Example: fkp-train train trainer/recipes/fkp68.toml --set train.lr=1e-3 -o runs/fkp68\nCtrl-C saves and stops, with exit status "
      "130.");
  command->callback([arguments] {
    std::vector<RecipeChange> changes;
    for (const std::string& text : arguments->changes) changes.push_back(change_from(text));
    if (arguments->epochs > 0) changes.push_back({"train.epochs", std::to_string(arguments->epochs)});
    if (!arguments->device.empty()) changes.push_back({"train.device", '"' + arguments->device + '"'});
    const Recipe recipe = read_recipe(arguments->recipe, changes);
    const std::string folder = arguments->folder.empty() ? "runs/" + recipe.file.stem().string() : arguments->folder;
    require_end(
        train(recipe, folder, arguments->resume, stop_when_asked(), arguments->tensorboard, std::chrono::seconds(arguments->timeout)),
        "go on with --resume");
  });
}

}  // namespace fkp
