// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evaluate.h"
#include "evaluate_faces.h"
#include "fkp/core/error.h"
#include "misses.h"
#include "readers/readers.h"
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

double rounded(double value, double steps = 1e3) { return std::round(value * steps) / steps; }

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

void print(const fkp::FaceEvaluation& e, bool json) {
  const fkp::DetectionSummary s = fkp::detection_summary(e.results);
  if (json) {
    std::cout << nlohmann::ordered_json{{"images", s.images},
                                        {"faces", s.faces},
                                        {"ap", rounded(s.ap, 1e4)},
                                        {"ap_small", rounded(s.ap_small, 1e4)},
                                        {"ap_medium", rounded(s.ap_medium, 1e4)},
                                        {"ap_large", rounded(s.ap_large, 1e4)},
                                        {"recall_fppi01", rounded(s.recall_fppi01, 1e4)},
                                        {"threshold_fppi01", rounded(s.threshold_fppi01, 1e4)},
                                        {"ms_per_image", rounded(e.ms_per_image, 1e3)}}
              << '\n';
  } else {
    std::printf(
        "images %d  faces %d  AP %.3f (below 32 px %.3f, to 96 px %.3f, above %.3f)  recall at 0.1 false boxes an image %.3f (score %.2f)  "
        "%.2f ms an image\n",
        s.images, s.faces, s.ap, s.ap_small, s.ap_medium, s.ap_large, s.recall_fppi01, s.threshold_fppi01, e.ms_per_image);
  }
}

/// The model of a command, and what it is run on.
struct Subject {
  std::string model, data, device = "auto";
  int threads = 1, every = 1, detect_size = 0;

  fkp::NetDetectorOptions detector() const { return {model, device, threads, detect_size}; }
};

void add_subject(CLI::App& command, Subject& s, const char* data) {
  command.add_option("--model", s.model, "file, or name in FKP_MODEL_PATH")->required();
  command.add_option("--data", s.data, data)->required();
  command.add_option("--every", s.every, "of the pictures, the first and every Nth after it (face detectors)")->check(CLI::PositiveNumber);
  command.add_option("--detect-size", s.detect_size, "longest side given to a face detector, pixels [the model's own]");
  command.add_option("--device", s.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command.add_option("--threads", s.threads, "processor threads")->capture_default_str();
}

void evaluate_keypoints(const Subject& s, const fkp::EvaluationOptions& how, bool json) {
  fkp::KeypointNetOptions options;
  options.model = s.model;
  options.device = s.device;
  options.threads = s.threads;
  fkp::KeypointNet net(options);
  const fkp::Dataset data = fkp::read_dataset(s.data, ".", net.description().scheme);
  for (const fkp::Refusal& r : data.refused) spdlog::warn("{}: {}", r.where, r.reason);
  const fkp::Evaluation result = fkp::evaluate(net, data.samples, how);
  if (json)
    std::cout << json_of(result) << '\n';
  else
    print(result);
}

void evaluate_detector(const Subject& s, bool json) {
  fkp::NetDetector detector(s.detector());
  print(fkp::evaluate(detector, fkp::read_faces(s.data, ".", s.every)), json);
}

void add_eval(CLI::App& app) {
  struct Arguments {
    Subject subject;
    fkp::EvaluationOptions how;
    std::string boxes = "truth";
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("eval", "Measure a keypoint network on annotated faces, or a face detector on pictures");
  add_subject(*command, arguments->subject, "ibug:FOLDER or csv:FILE; for a face detector also wider:FILE");
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
  command->add_flag("--json", arguments->json, "print one JSON object");
  command->footer(
      "Examples: fkp-train eval --model models/fkp68.pt --data ibug:300w/helen/testset --json\n"
      "          fkp-train eval --model models/fkpface.pt --data wider:faces/bbx_gt.txt --every 5");
  command->callback([arguments] {
    if (fkp::finds_faces(arguments->subject.model)) {
      evaluate_detector(arguments->subject, arguments->json);
      return;
    }
    fkp::NetDetectorOptions options;
    // Beside the model, as in models/; else by name.
    const auto beside = std::filesystem::path(arguments->subject.model).replace_filename(options.model + ".pt");
    if (std::filesystem::exists(beside)) options.model = beside.string();
    const auto detector = arguments->boxes == "detector" ? fkp::make_net_detector(options) : nullptr;
    arguments->how.detector = detector.get();
    evaluate_keypoints(arguments->subject, arguments->how, arguments->json);
  });
}

void add_misses(CLI::App& app) {
  struct Arguments {
    Subject subject;
    std::string sheet;
    float threshold = 0.5f;
    int count = 48;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("misses", "Draw the largest faces that a face detector missed, and its surest false boxes");
  add_subject(*command, arguments->subject, "wider:FILE, ibug:FOLDER or csv:FILE");
  command->add_option("-o,--output", arguments->sheet, "picture to write")->required();
  command->add_option("--threshold", arguments->threshold, "least score of a box")->capture_default_str();
  command->add_option("--count", arguments->count, "of each kind, at most")->capture_default_str();
  command->footer("Example: fkp-train misses --model models/fkpface.pt --data wider:faces/bbx_gt.txt --every 5 -o misses.png");
  command->callback([arguments] {
    const Subject& s = arguments->subject;
    fkp::NetDetector detector(s.detector());
    const auto pictures = fkp::read_faces(s.data, ".", s.every);
    fkp::write_misses(pictures, fkp::evaluate(detector, pictures).results, arguments->threshold, arguments->count, arguments->sheet);
  });
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("fkp-train"));
  spdlog::set_pattern("%^%l%$: %v");
  CLI::App app("fkp-train makes networks that find faces and their keypoints");
  app.require_subcommand(1);
  add_train(app);
  add_eval(app);
  add_misses(app);
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
