// SPDX-License-Identifier: LGPL-2.1-or-later
// fkp-annotate: draws facial keypoints into videos and pictures, and writes them to files.
#include <gst/gst.h>
#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "batch.h"
#include "element.h"
#include "fkp/core/error.h"
#include "format.h"
#include "plan.h"
#include "programs/message_of.h"
#include "programs/stop_signals.h"

namespace {

// Exit statuses besides EXIT_SUCCESS and EXIT_FAILURE.
constexpr int kWrongUsage = 2;
constexpr int kInterrupted = 128;  // plus the signal's number, as in a shell

std::atomic<fkp::Stop> stop{fkp::Stop::no};
std::atomic<int> stop_signal{0};
static_assert(std::atomic<fkp::Stop>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

fkp::StopWishes wishes;

extern "C" void on_signal(int signal) {
  stop_signal = signal;
  const bool again = wishes.heard() > 1;
  stop = again ? fkp::Stop::now : fkp::Stop::early;
  if (again) std::signal(signal, SIG_DFL);  // the third ends the program at once
}

/// Turns `--json FILE` and `--csv FILE` into CLI11's `--json=FILE`, if FILE has a fitting extension; otherwise it is an input.
std::vector<std::string> joined(int argc, char** argv) {
  const auto names_a_table = [](const std::string& option, const std::string& file) {
    const std::string extension = fkp::extension_of(file);
    return (option == "--json" && (extension == ".jsonl" || extension == ".json")) || (option == "--csv" && extension == ".csv");
  };
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; i++) {
    arguments.emplace_back(argv[i]);
    if (i + 1 < argc && names_a_table(argv[i], argv[i + 1])) arguments.back() += std::string("=") + argv[++i];
  }
  std::reverse(arguments.begin(), arguments.end());  // CLI11 expects them reversed
  return arguments;
}

/// Parses the PROPERTY=VALUE texts of a command-line option, which must fit an element of that factory. Throws fkp::UsageError.
fkp::PropertyValues properties_of(const std::vector<std::string>& texts, const char* option, const char* factory) {
  fkp::PropertyValues properties;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw fkp::UsageError(fmt::format("{} {}: it must be PROPERTY=VALUE", option, text));
    properties.push_back({text.substr(0, equals), text.substr(equals + 1), option});
  }
  const auto element = fkp::make_element(factory, nullptr);
  try {
    fkp::apply(properties, element.get());
  } catch (const fkp::Error& error) {
    throw fkp::UsageError(error.what());
  }
  return properties;
}

int run(const fkp::Request& request, fkp::Manner manner, int jobs) {
  const fkp::Plan plan = fkp::make_plan(request);
  for (const std::string& note : plan.notes) fmt::print(stderr, "fkp-annotate: {}\n", note);
  manner.batch = plan.batch;
  manner.model_instance = "fkp-annotate";
  const fkp::Outcome outcome = fkp::run_batch(plan, manner, jobs, stop);
  if (plan.batch) {
    fmt::print("{} done, {} there already, {} failed", outcome.done, outcome.there_already, outcome.failed.size());
    if (stop != fkp::Stop::no) fmt::print(", {} abandoned, {} not started", outcome.given_up, outcome.not_begun);
    fmt::print("\n");
    for (const std::string& name : outcome.failed) fmt::print(stderr, "failed: {}\n", name);
  }
  if (stop != fkp::Stop::no) return kInterrupted + stop_signal;
  return outcome.failed.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  fkp::Request request;
  fkp::Manner manner;
  int jobs = 1;
  bool no_video = false;
  std::string model;
  std::vector<std::string> detect, overlay;
  CLI::App app(
      "Draws facial keypoints into videos and pictures. Sound and subtitles are kept; rotated videos and pictures are turned upright.",
      "fkp-annotate");
  app.add_option("inputs", request.inputs, "videos, pictures, URIs; folders, with all videos and pictures below them")->required();
  app.add_option("-o,--output", request.output,
                 std::string("file to write (") + fkp::format_names() + "), or, for several inputs, a folder (default: INPUT-annotated)");
  app.add_flag(std::string("--json{") + fkp::Request::kBeside + "}", request.json,
               "write the keypoints as JSON, one line per frame: to FILE (.jsonl), or next to each copy")
      ->option_text("[FILE]");
  app.add_flag(std::string("--csv{") + fkp::Request::kBeside + "}", request.csv,
               "write the keypoints as CSV, one row per face: to FILE (.csv), or next to each copy")
      ->option_text("[FILE]");
  app.add_flag("--no-video", no_video, "write no annotated copy");
  app.add_option("--still", request.still, "write the annotated frame with a face that is nearest to the video's middle to this PNG file");
  app.add_option("--model", model, "name or file of the model: --detect model=");
  app.add_option("--detect", detect, "property of fkpdetect, such as max-faces=50 or detect-size=1280; may be given more than once")
      ->option_text("PROPERTY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--overlay", overlay, "the same for fkpoverlay, such as style=mesh")
      ->option_text("PROPERTY=VALUE")
      ->allow_extra_args(false);
  app.add_option("-j,--jobs", jobs, "files at a time")->check(CLI::Range(1, 64))->capture_default_str();
  app.add_flag("--force", manner.force, "overwrite");
  app.add_flag("-v,--verbose", manner.verbose, "say more about errors, and the pipeline of each file");
  app.footer(
      "Exit status: 0 everything done, 1 an input failed, 2 wrong usage, 130 interrupted by Ctrl-C (a file that has its final name is "
      "complete).\n"
      "More: docs/annotate.md");
  try {
    app.parse(joined(argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kWrongUsage;
  }
  request.copy = !no_video;
  gst_init(nullptr, nullptr);
  fkp::on_stop_signals(on_signal);
  try {
    if (!model.empty()) detect.push_back("model=" + model);
    manner.detect = properties_of(detect, "--detect", "fkpdetect");
    manner.overlay = properties_of(overlay, "--overlay", "fkpoverlay");
    return run(request, manner, jobs);
  } catch (const fkp::UsageError& error) {
    fmt::print(stderr, "fkp-annotate: {}\n", error.what());
    return kWrongUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "fkp-annotate: {}\n", fkp::message_of(error));
    return EXIT_FAILURE;
  }
}
