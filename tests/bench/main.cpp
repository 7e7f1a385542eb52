// SPDX-License-Identifier: LGPL-2.1-or-later
// fkp-bench: what each step of processing a frame costs by itself; one file per step.
//
//   ./run build/tests/bench/fkp-bench --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
//
// --benchmark_filter=^cut runs only some of them.
#include <benchmark/benchmark.h>

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
