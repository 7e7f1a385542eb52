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

double rounded(double value) { return std::round(value * 1e3) / 1e3; }

nlohmann::ordered_json json_of(const fkp::Evaluation& e) {
  const fkp::Summary& s = e.summary;
  nlohmann::ordered_json json{{"faces", s.faces},
                              {"found", e.found},
                              {"nme", rounded(s.mean)},
                              {"median", rounded(s.median)},
                              {"fr8", rounded(s.fr8)},
                              {"auc8", rounded(s.auc8)},
                              {"ms_per_face", rounded(e.ms_per_face)}};
  for (const auto& [part, error] : e.parts) json["parts"][part] = rounded(error);
  json["confidence"] = {
      {"rank_correlation", rounded(e.rank_correlation)}, {"seen", rounded(e.confidence_seen)}, {"hidden", rounded(e.confidence_hidden)}};
  json["face_score"] = {{"faces_kept", rounded(e.faces_kept)}, {"background_refused", rounded(e.background_refused)}};
  return json;
}

void print(const fkp::Evaluation& e) {
  const fkp::Summary& s = e.summary;
  std::printf("faces %d, found %d  NME %.2f %% mean, %.2f %% median  FR@8 %.2f %%  AUC@8 %.3f", s.faces, e.found, s.mean, s.median, s.fr8,
              s.auc8);
  if (e.ms_per_face > 0) std::printf("  %.2f ms a face", e.ms_per_face);
  std::printf("\nby part");
  for (const auto& [part, error] : e.parts) std::printf("  %s %.2f", part.c_str(), error);
  std::printf("\nconfidence: rank correlation with the error %.2f\nface score: %.1f %% of the faces kept, %.1f %% of backgrounds refused\n",
              e.rank_correlation, e.faces_kept, e.background_refused);
}

void add_eval(CLI::App& app) {
  struct Arguments {
    fkp::KeypointNetOptions net;
    fkp::EvaluationOptions how;
    std::string data, boxes = "truth";
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("eval", "Measure a model on annotated faces");
  command->add_option("--model", arguments->net.model, "file, or name in FKP_MODEL_PATH")->required();
  command->add_option("--data", arguments->data, "ibug:FOLDER or csv:FILE")->required();
  command
      ->add_option("--boxes", arguments->boxes,
                   "where to look: truth (the square around the annotated points) or detector (as fkpdetect does)")
      ->check(CLI::IsMember({"truth", "detector"}))
      ->capture_default_str();
  command->add_option("--shrink", arguments->how.shrink, "shrink pictures until the face box has so many pixels")
      ->check(CLI::PositiveNumber);
  command->add_option("--blur", arguments->how.blur, "standard deviation, percent of the face box's side")->check(CLI::PositiveNumber);
  command->add_option("--occlude", arguments->how.occlude, "side of a grey square on the face, as a share of the face box's")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--device", arguments->net.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("--threads", arguments->net.threads, "processor threads")->capture_default_str();
  command->add_flag("--json", arguments->json, "print one JSON object");
  command->footer("Example: fkp-train eval --model models/fkp68.pt --data ibug:300w/helen/testset --json");
  command->callback([arguments] {
    fkp::KeypointNet net(arguments->net);
    const fkp::Dataset data = fkp::read_dataset(arguments->data, ".", net.description().scheme);
    for (const fkp::Refusal& r : data.refused) spdlog::warn("{}: {}", r.where, r.reason);
    const auto detector = arguments->boxes == "detector" ? fkp::make_haar_detector() : nullptr;
    arguments->how.detector = detector.get();
    const fkp::Evaluation result = fkp::evaluate(net, data.samples, arguments->how);
    if (arguments->json)
      std::cout << json_of(result) << '\n';
    else
      print(result);
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
