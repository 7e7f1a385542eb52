// SPDX-License-Identifier: LGPL-2.1-or-later
// fkp-annotate: draws facial keypoints into a film and writes them out.
#include <gst/gst.h>
#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "media_info.h"
#include "part_file.h"
#include "pipeline_text.h"
#include "runner.h"

namespace {

namespace fs = std::filesystem;

// Exit statuses beside EXIT_SUCCESS and EXIT_FAILURE.
constexpr int kWrongUsage = 2;
constexpr int kInterrupted = 130;  // as a shell says it: 128 + SIGINT

std::atomic<bool> stop{false};

extern "C" void on_interrupt(int signal) {
  stop = true;
  std::signal(signal, SIG_DFL);  // the next one ends the program at once
}

struct Options {
  std::string input, output, json, still, model;
  bool force = false, verbose = false;
};

std::string default_output(const std::string& input) {
  const fs::path path(input);
  const std::string stem = path.stem().empty() ? "film" : path.stem().string();
  const std::string name = stem + "-annotated.mp4";
  return fs::exists(input) ? (path.parent_path() / name).string() : name;
}

/// The name that two outputs share; empty where there is none.
std::string shared_output(const Options& options) {
  std::vector<std::string> seen;
  for (const std::string& name : {options.output, options.json, options.still}) {
    if (name.empty()) continue;
    for (const std::string& other : seen)
      if (fkp::same_file(name, other)) return name;
    seen.push_back(name);
  }
  return "";
}

int annotate(const Options& options) {
  const fkp::MediaInfo media = fkp::media_info(options.input);
  const std::string input = fkp::file_of(options.input);
  fkp::PartFile video(options.output, input, options.force);
  fkp::PartFile json(options.json, input, options.force);
  fkp::PartFile still(options.still, input, options.force);
  still.remove_old();  // it may show another film, and where this one has no face none takes its place
  if (!media.missing_decoder.empty())
    fmt::print(stderr, "fkp-annotate: {}: without its sound: GStreamer has no {} here\n", options.input, media.missing_decoder);

  const fkp::RunOptions run{fs::path(options.input).filename().string(), media.duration, !options.still.empty(), options.verbose};
  const fkp::RunResult result = fkp::run_pipeline(fkp::pipeline_arguments(media, {video.part(), json.part(), options.model}), run, stop);
  video.keep();
  json.keep();

  fmt::print("{} frames, {} faces, with a face in {} frames, {:.1f} frames/s\n", result.frames, result.faces, result.frames_with_face,
             static_cast<double>(result.frames) / result.seconds);
  if (!options.still.empty() && !result.still) fmt::print("no frame shows a face: no '{}'\n", options.still);
  const auto arguments = fkp::pipeline_arguments(media, {options.output, options.json, options.model});
  fmt::print("gst-launch-1.0 -e {}\n", fkp::shell_text(arguments));
  if (result.still) {
    fkp::save_png(result.still.get(), still.part());
    still.keep();
  }
  if (!result.interrupted) return EXIT_SUCCESS;
  fmt::print(stderr, "fkp-annotate: interrupted: '{}' ends early\n", options.output);
  return kInterrupted;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Draws facial keypoints into a film. Sound is kept; a film that was taken turned is set upright.");
  app.add_option("input", options.input, "file or URI")->required();
  app.add_option("-o,--output", options.output, "mp4 file to write (default: INPUT-annotated.mp4)");
  app.add_option("--json", options.json, "write the keypoints here, one line a frame (docs/json.md)");
  app.add_option("--still", options.still, "write the annotated frame with a face nearest to the middle here, as PNG");
  app.add_option("--model", options.model, "name or file of the model (default: fkpdetect's own)");
  app.add_flag("--force", options.force, "overwrite");
  app.add_flag("-v,--verbose", options.verbose, "say more about errors");
  app.footer("Exit status: 0 done, 1 failed, 2 wrong usage, 130 ended early by Ctrl-C (what is written is whole).");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kWrongUsage;
  }
  gst_init(nullptr, nullptr);
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  try {
    if (options.output.empty()) options.output = default_output(options.input);
    const std::string shared = shared_output(options);
    if (shared.empty()) return annotate(options);
    fmt::print(stderr, "fkp-annotate: '{}' is named for two outputs\n", shared);
    return kWrongUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "fkp-annotate: {}: {}\n", options.input, error.what());
    return EXIT_FAILURE;
  }
}
