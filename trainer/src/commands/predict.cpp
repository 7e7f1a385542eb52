// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "commands/commands.h"
#include "drawing.h"
#include "fkp/analyser.h"
#include "fkp/core/error.h"
#include "fkp/core/frame_json.h"
#include "whole_file.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> pictures;
  std::string model, folder, detector = "net", device = "auto";
  bool force = false;
};

std::unique_ptr<Detector> detector_of(const Arguments& a) {
  if (a.detector == "none") return make_whole_picture_detector();
  if (a.detector == "haar") return make_haar_detector();
  NetDetectorOptions options;
  options.model = detector_beside(a.model);
  options.device = a.device;
  return std::make_unique<NetDetector>(options);
}

/// Whether OpenCV writes a coloured picture to a file of that name.
bool takes_color(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return !extension.empty() && extension != ".pgm" && extension != ".pbm" && cv::haveImageWriter(file.string());
}

/// The output file of each picture. Refuses pictures of the same name, which would overwrite each other.
std::map<fs::path, fs::path> outputs_of(const Arguments& a) {
  std::map<fs::path, fs::path> output_of, taken;
  for (const std::string& picture : a.pictures) {
    fs::path output = fs::path(a.folder) / fs::path(picture).filename();
    if (!takes_color(output)) output += ".png";
    if (const auto [other, fresh] = taken.emplace(output, picture); !fresh)
      throw Error(ErrorKind::unwritable, other->second.string() + " and " + picture + " would both become " + output.string());
    std::error_code absent;
    if (fs::equivalent(picture, output, absent))
      throw Error(ErrorKind::unwritable, output.string() + " is the picture itself: name another folder with -o");
    require_free(output, a.force);
    output_of[picture] = output;
  }
  return output_of;
}

/// Finds the faces of one picture and draws them into the file `output`; returns the line of JSON.
std::string predict(const std::string& picture, std::uint64_t number, Analyser& analyser, const Scheme& scheme, const fs::path& output) {
  cv::Mat color = cv::imread(picture, cv::IMREAD_COLOR), grey;
  if (color.empty()) throw Error(ErrorKind::unreadable, picture + " is no picture that OpenCV reads");
  cv::cvtColor(color, grey, cv::COLOR_BGR2GRAY);
  analyser.reset();
  FrameRecord record;
  record.stream = picture;
  record.frame = number;
  record.width = color.cols;
  record.height = color.rows;
  record.scheme = scheme.name;
  record.faces = analyser.analyse({grey}, std::nullopt, {});
  for (const Face& face : record.faces) draw_face(color, face.points, scheme, kMarkColor);
  write_picture(color, output);
  std::printf("%s: %zu faces\n", picture.c_str(), record.faces.size());
  return to_json(record) + '\n';
}

void predict_all(const Arguments& a) {
  const auto output_of = outputs_of(a);
  const fs::path json = fs::path(a.folder) / "faces.jsonl";
  require_free(json, a.force);
  fs::create_directories(a.folder);
  KeypointNetOptions options;
  options.model = a.model;
  options.device = a.device;
  const auto net = std::make_shared<KeypointNet>(options);
  Analyser analyser(net, detector_of(a));
  std::string lines;
  int failed = 0;
  for (std::size_t i = 0; i < a.pictures.size(); i++) try {
      lines += predict(a.pictures[i], i, analyser, net->description().scheme, output_of.at(a.pictures[i]));
    } catch (const cv::Exception& e) {  // a size too large for memory
      spdlog::error("{} is no picture that OpenCV reads: {}", a.pictures[i], e.err);
      failed++;
    } catch (const Error& e) {
      spdlog::error("{}", e.what());
      failed++;
    }
  write_bytes(json, lines);
  if (failed > 0)
    throw Error(ErrorKind::unreadable, std::to_string(failed) + " of " + std::to_string(a.pictures.size()) + " pictures failed");
}

}  // namespace

void add_predict(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("predict", "Find the faces of pictures: drawn copies, and a line of JSON for each");
  command->add_option("PICTURE", arguments->pictures, "files")->required();
  command->add_option("--model", arguments->model, "file, or name in FKP_MODEL_PATH")->required();
  command->add_option("-o,--output", arguments->folder, "folder for the drawn copies and faces.jsonl (docs/json.md)")->required();
  command->add_option("--detector", arguments->detector, "who finds the faces: net, haar, or none where a picture is one face")
      ->check(CLI::IsMember({"net", "haar", "none"}))
      ->capture_default_str();
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_flag("--force", arguments->force, "overwrite");
  command->footer("Example: fkp-train predict holiday/*.jpg --model models/fkp68.pt -o found");
  command->callback([arguments] { predict_all(*arguments); });
}

}  // namespace fkp
