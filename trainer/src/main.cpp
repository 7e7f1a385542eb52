// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evaluate.h"
#include "fkp/core/error.h"
#include "readers.h"
#include "recipe.h"
#include "train.h"

namespace {

constexpr int kFailedRun = 1, kWrongUse = 2;

volatile std::sig_atomic_t interrupted = 0;  // a run stops after the epoch in hand

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
    std::signal(SIGINT, [](int) {
      interrupted = 1;
      std::signal(SIGINT, SIG_DFL);  // the next one ends it at once
    });
    fkp::train(recipe, folder, arguments->resume, [](int) { return interrupted != 0; });
  });
}

void print(const fkp::Evaluation& e, bool json) {
  const fkp::Summary& s = e.summary;
  if (json) {
    const auto rounded = [](double v, double steps) { return std::round(v * steps) / steps; };
    std::cout << nlohmann::ordered_json{{"faces", s.faces},
                                        {"nme", rounded(s.mean, 1e3)},
                                        {"median", rounded(s.median, 1e3)},
                                        {"fr8", rounded(s.fr8, 1e2)},
                                        {"auc8", rounded(s.auc8, 1e4)},
                                        {"ms_per_face", rounded(e.ms_per_face, 1e3)}}
              << '\n';
  } else {
    std::printf("faces %d  NME %.2f %% mean, %.2f %% median  FR@8 %.2f %%  AUC@8 %.3f  %.2f ms a face\n", s.faces, s.mean, s.median, s.fr8,
                s.auc8, e.ms_per_face);
  }
}

void add_eval(CLI::App& app) {
  struct Arguments {
    fkp::KeypointNetOptions net;
    std::string data;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("eval", "Measure a model on annotated faces, cut by the square around their points");
  command->add_option("--model", arguments->net.model, "file, or name in FKP_MODEL_PATH")->required();
  command->add_option("--data", arguments->data, "ibug:FOLDER or csv:FILE")->required();
  command->add_option("--device", arguments->net.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("--threads", arguments->net.threads, "processor threads")->capture_default_str();
  command->add_flag("--json", arguments->json, "print one JSON object");
  command->footer("Example: fkp-train eval --model models/fkp68.pt --data ibug:300w/helen/testset --json");
  command->callback([arguments] {
    fkp::KeypointNet net(arguments->net);
    const fkp::Dataset data = fkp::read_dataset(arguments->data, ".", net.description().scheme);
    for (const fkp::Refusal& r : data.refused) spdlog::warn("{}: {}", r.where, r.reason);
    print(fkp::evaluate(net, data.samples), arguments->json);
  });
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("fkp-train"));
  spdlog::set_pattern("%^%l%$: %v");
  CLI::App app("fkp-train makes networks that find facial keypoints");
  app.require_subcommand(1);
  add_train(app);
  add_eval(app);
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
