// SPDX-License-Identifier: LGPL-2.1-or-later
// fkp-rtsp: finds facial keypoints in the streams of any number of RTSP cameras, for as long as it runs.
#include <gst/gst.h>
#include <malloc.h>
#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <string>

#include "config.h"
#include "console.h"
#include "programs/above_zero.h"
#include "programs/counted.h"
#include "programs/message_of.h"
#include "service.h"

namespace {

constexpr int kWrongUsage = 2;

struct Options {
  std::string config, metrics;
  double status = 0;
  bool check = false;
};

int run(const Options& options) {
  fkp::Config config = fkp::read_config(options.config);
  if (!options.metrics.empty()) config.metrics = options.metrics;
  fkp::Console console;
  fkp::Service service(config, console);
  if (options.check) {
    service.load_networks();
    fmt::print("{}: {}, no mistakes found\n", options.config, fkp::counted(config.cameras.size(), "camera"));
    return EXIT_SUCCESS;
  }
  return service.run(options.status > 0 ? options.status : console.is_terminal() ? 1 : 60) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Finds facial keypoints in the video of RTSP cameras until it is stopped (docs/rtsp.md).");
  app.add_option("config", options.config, "the cameras, and what is done with them (TOML)")->required();
  app.add_option("--metrics", options.metrics, "[ADDRESS:]PORT of an HTTP endpoint for Prometheus, /metrics; overrides the file's");
  app.add_option("--status", options.status, "seconds between two status lines (default: 1 on a terminal, 60 elsewhere)")
      ->check(fkp::above_zero());
  app.add_flag("--check", options.check, "check the file for mistakes, load its networks and exit");
  app.footer(
      "Ctrl-C or SIGTERM shuts it down cleanly; a second one ends it at once.\n"
      "Exit status: 0 ended by a signal, 1 failed, 2 wrong usage.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kWrongUsage;
  }
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 2);  // each new connection has new threads, and every arena would keep what it once held (40 MiB in all)
#endif
  gst_init(nullptr, nullptr);
  int status = EXIT_FAILURE;
  try {
    status = run(options);
  } catch (const std::exception& error) {
    fkp::Console::print("fkp-rtsp: " + fkp::message_of(error));
  }
  gst_deinit();  // lets the leaks tracer report what is left
  return status;
}
