// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "fkp/net_detector.h"

// The commands of fkp-train, a file each. What they throw, main() tells.

namespace fkp {

void add_train(CLI::App& app);
void add_eval(CLI::App& app);
void add_misses(CLI::App& app);
void add_inspect(CLI::App& app);
void add_predict(CLI::App& app);
void add_convert(CLI::App& app);
void add_schemes(CLI::App& app);

/// The model of a command, and what it is run on.
struct Subject {
  std::string model, data, device = "auto";
  int threads = 1, every = 1, detect_size = 0;

  NetDetectorOptions detector() const { return {model, device, threads, detect_size}; }
};

/// The options of a Subject; `data` says what its data may be.
void add_subject(CLI::App& command, Subject& subject, const char* data);

}  // namespace fkp
