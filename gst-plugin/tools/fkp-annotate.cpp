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
#include <stdexcept>
#include <string>
#include <vector>

#include "media_info.h"
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

/// A file that gets its name when it is whole, and is gone otherwise.
class PartFile {
 public:
  /// No file where `name` is empty. Throws std::runtime_error where it would overwrite what it must not.
  PartFile(const std::string& name, const std::string& input, bool force) : name_(name) {
    if (name_.empty()) return;
    if (fs::is_directory(name_)) throw std::runtime_error(fmt::format("'{}' is a folder", name_));
    if (fs::exists(name_) && fs::exists(input) && fs::equivalent(name_, input))
      throw std::runtime_error(fmt::format("'{}' is the input", name_));
    if (fs::exists(name_) && !force) throw std::runtime_error(fmt::format("'{}' exists; --force overwrites it", name_));
    const fs::path folder = fs::path(name_).parent_path();
    if (!folder.empty() && !fs::is_directory(folder)) throw std::runtime_error(fmt::format("there is no folder '{}'", folder.string()));
  }
  ~PartFile() {
    std::error_code ignored;
    if (!name_.empty()) fs::remove(part(), ignored);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::string part() const { return name_.empty() ? "" : name_ + ".part"; }
  void keep() const {
    if (!name_.empty()) fs::rename(part(), name_);
  }

 private:
  std::string name_;
};

std::string default_output(const std::string& input) {
  const fs::path path(input);
  const std::string stem = path.stem().empty() ? "film" : path.stem().string();
  const std::string name = stem + "-annotated.mp4";
  return fs::exists(input) ? (path.parent_path() / name).string() : name;
}

int annotate(const Options& options) {
  const fkp::MediaInfo media = fkp::media_info(options.input);
  const PartFile video(options.output, options.input, options.force);
  const PartFile json(options.json, options.input, options.force);
  const PartFile still(options.still, options.input, options.force);

  const fkp::RunOptions run{fs::path(options.input).filename().string(), media.duration, still.part(), options.verbose};
  const fkp::RunResult result = fkp::run_pipeline(fkp::pipeline_arguments(media, {video.part(), json.part(), options.model}), run, stop);
  video.keep();
  json.keep();
  if (result.still) still.keep();

  fmt::print("{} frames, {} faces, with a face in {} frames, {:.1f} frames/s\n", result.frames, result.faces, result.frames_with_face,
             static_cast<double>(result.frames) / result.seconds);
  if (!options.still.empty() && !result.still) fmt::print("no frame shows a face: no '{}'\n", options.still);
  const auto arguments = fkp::pipeline_arguments(media, {options.output, options.json, options.model});
  fmt::print("gst-launch-1.0 -e {}\n", fkp::shell_text(arguments));
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
    return annotate(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "fkp-annotate: {}: {}\n", options.input, error.what());
    return EXIT_FAILURE;
  }
}
