// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands/commands.h"
#include "data/box_looks.h"
#include "fkp/core/error.h"
#include "measure/evaluate.h"
#include "measure/evaluate_faces.h"
#include "readers/readers.h"

namespace fkp {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value, double steps = 1e3) { return std::round(value * steps) / steps; }

/// `sure`: the network gives confidences and a face score.
Json json_of(const Evaluation& e, bool sure) {
  const Summary& s = e.summary;
  Json json{{"faces", s.faces},
            {"found", e.found},
            {"nme", e.found > 0 ? Json(rounded(s.mean)) : Json()},
            {"median", e.found > 0 ? Json(rounded(s.median)) : Json()},
            {"fr8", rounded(s.fr8)},
            {"auc8", rounded(s.auc8)},
            {"ms_per_face", rounded(e.ms_per_face)}};
  for (const auto& [part, error] : e.parts) json["parts"][part] = rounded(error);
  if (!sure) return json;
  json["confidence"] = {
      {"rank_correlation", rounded(e.rank_correlation)}, {"seen", rounded(e.confidence_seen)}, {"hidden", rounded(e.confidence_hidden)}};
  json["face_score"] = {{"faces_kept", rounded(e.faces_kept)}, {"background_refused", rounded(e.background_refused)}};
  return json;
}

void print(const Evaluation& e, bool sure) {
  const Summary& s = e.summary;
  std::printf("faces %d, found %d", s.faces, e.found);
  if (e.found > 0) std::printf("  NME %.2f %% mean, %.2f %% median  FR@8 %.2f %%  AUC@8 %.3f", s.mean, s.median, s.fr8, s.auc8);
  if (e.ms_per_face > 0) std::printf("  %.2f ms a face", e.ms_per_face);
  if (!e.parts.empty()) std::printf("\nby part");
  for (const auto& [part, error] : e.parts) std::printf("  %s %.2f", part.c_str(), error);
  std::printf("\n");
  if (!sure) return;
  std::printf("confidence: rank correlation with the error %.2f\nface score: %.1f %% of the faces kept, %.1f %% of backgrounds refused\n",
              e.rank_correlation, e.faces_kept, e.background_refused);
}

void print(const FaceEvaluation& e, bool json) {
  const DetectionSummary s = detection_summary(e.results);
  if (json) {
    std::cout << Json{{"images", s.images},
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

/// Of faces that have boxes alone: how many the face score keeps.
void evaluate_boxes(const Subject& s, KeypointNet& net, bool json) {
  if (!net.knows_faces()) throw Error(ErrorKind::settings, s.model + " gives no face score, and " + s.data + " has no points to measure");
  int faces = 0, kept = 0;
  for (const Picture& picture : read_faces(s.data, ".", s.every).pictures)
    for (const BoxLook& b : look_at_boxes(net, picture)) {
      faces++;
      kept += b.look.shows_face(TrackRules().face_threshold);
    }
  const double percent = 100. * kept / std::max(faces, 1);
  if (json)
    std::cout << Json{{"faces", faces}, {"face_score", {{"faces_kept", rounded(percent)}}}} << '\n';
  else
    std::printf("faces of at least 24×24 pixels %d\nface score: %.1f %% of the faces kept\n", faces, percent);
}

void evaluate_keypoints(const Subject& s, EvaluationOptions how, bool find, bool json) {
  KeypointNetOptions options;
  options.model = s.model;
  options.device = s.device;
  options.threads = s.threads;
  options.precision = s.precision;
  const auto shared = std::make_shared<KeypointNet>(options);
  KeypointNet& net = *shared;
  if (is_list_of_boxes(s.data)) return evaluate_boxes(s, net, json);
  std::optional<Analyser> analyser;
  if (find) {
    NetDetectorOptions detector = s.detector();
    detector.model = detector_beside(s.model);
    how.analyser = &analyser.emplace(shared, std::make_unique<NetDetector>(detector));
  }
  const Dataset data = read_dataset(s.data, ".", net.description().scheme);
  for (const Refusal& r : data.refused) spdlog::warn("{}: {}", r.where, r.reason);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < data.samples.size(); i += static_cast<std::size_t>(s.every)) samples.push_back(data.samples[i]);
  const Evaluation result = evaluate(net, samples, how);
  if (result.unmeasured > 0)
    spdlog::warn("{} faces are left out: the points that errors are divided by are not known of them", result.unmeasured);
  if (json)
    std::cout << json_of(result, net.knows_faces()) << '\n';
  else
    print(result, net.knows_faces());
}

void evaluate_detector(const Subject& s, bool json) {
  NetDetector detector(s.detector());
  print(evaluate(detector, read_faces(s.data, ".", s.every).pictures), json);
}

}  // namespace

void add_eval(CLI::App& app) {
  struct Arguments {
    Subject subject;
    EvaluationOptions how;
    std::string boxes = "truth";
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("eval", "Measure a keypoint network on annotated faces, or a face detector on pictures");
  add_subject(*command, arguments->subject,
              face_sources() + "; wider:FILE for a face detector, or for a keypoint network's face score alone");
  command
      ->add_option("--boxes", arguments->boxes,
                   "where to look: truth (the square around the annotated points) or detector (as fkpdetect does)")
      ->check(CLI::IsMember({"truth", "detector"}))
      ->capture_default_str();
  command->add_option("--roll", arguments->how.roll, "degrees by which pictures are turned clockwise around the face")
      ->check(CLI::Range(-180.0, 180.0));
  command->add_option("--shrink", arguments->how.shrink, "shrink pictures until the face box has so many pixels")->check(above_zero());
  command->add_option("--blur", arguments->how.blur, "standard deviation, percent of the face box's side")->check(above_zero());
  command->add_option("--light", arguments->how.light, "share of the light that is left")->check(CLI::Range(0.0, 1.0));
  command->add_option("--noise", arguments->how.noise, "standard deviation, greys of 255")->check(above_zero());
  command->add_option("--occlude", arguments->how.occlude, "side of a grey square on the face, as a share of the face box's")
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag("--json", arguments->json, "print one JSON object");
  command->footer(
      "Examples: fkp-train eval --model models/fkp68.pt --data ibug:300w/helen/testset --json\n"
      "          fkp-train eval --model models/fkpface.pt --data wider:faces/bbx_gt.txt --every 5");
  command->callback([arguments] {
    const bool detector = finds_faces(arguments->subject.model);
    if (detector || is_list_of_boxes(arguments->subject.data)) {
      const EvaluationOptions plain;
      const auto& how = arguments->how;
      if (how.roll != plain.roll || how.shrink != plain.shrink || how.blur != plain.blur || how.light != plain.light ||
          how.noise != plain.noise || how.occlude != plain.occlude || arguments->boxes != "truth")
        throw Error(ErrorKind::settings,
                    "--boxes, --roll, --shrink, --blur, --light, --noise and --occlude are for keypoint networks and faces with points");
    }
    if (detector) return evaluate_detector(arguments->subject, arguments->json);
    evaluate_keypoints(arguments->subject, arguments->how, arguments->boxes == "detector", arguments->json);
  });
}

}  // namespace fkp
