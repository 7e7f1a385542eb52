// SPDX-License-Identifier: LGPL-2.1-or-later
// fkp-bench: what the parts of a frame's way cost, each by itself; a file a part.
//
//   meson devenv -C build -w . build/tests/bench/fkp-bench --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
//
// --benchmark_filter=^cut runs a part of it.
#include <benchmark/benchmark.h>

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
