// SPDX-License-Identifier: LGPL-2.1-or-later
// fkp-bench: what each step of processing a frame costs by itself; one file per step.
//
//   ./run build/tests/bench/fkp-bench --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
//
// --benchmark_filter=^cut runs only some of them.
#include <benchmark/benchmark.h>

#include <CLI/CLI.hpp>

#include "look.h"

int main(int argc, char** argv) {
  fkp::KeypointNetOptions options;
  options.device = "cpu";
  CLI::App app("Measures the steps of processing a frame. It has Google Benchmark's options, too: --benchmark_filter=^look and others.");
  app.add_option("--model", options.model, "the network of look and streams")->capture_default_str();
  app.add_option("--device", options.device, "where it runs: cpu, cuda, cuda:N or auto")->capture_default_str();
  app.add_option("--precision", options.precision, "fp32, bf16 or auto")->capture_default_str();
  app.allow_extras();
  CLI11_PARSE(app, argc, argv);
  std::vector<std::string> rest = app.remaining();
  std::vector<char*> others{argv[0]};
  for (std::string& text : rest) others.push_back(text.data());
  int count = static_cast<int>(others.size());
  benchmark::Initialize(&count, others.data());
  if (benchmark::ReportUnrecognizedArguments(count, others.data())) return 1;
  fkp::bench::add_looks(options);
  benchmark::RunSpecifiedBenchmarks();
}
