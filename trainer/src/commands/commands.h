// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fkp/net_detector.h"
#include "recipe.h"

// The commands of fkp-train, a file each. What they throw, main() tells.

namespace fkp {

void add_train(CLI::App& app);
void add_sweep(CLI::App& app);
void add_compare(CLI::App& app);
void add_export(CLI::App& app);
void add_pack(CLI::App& app);
void add_completion(CLI::App& app);
void add_eval(CLI::App& app);
void add_misses(CLI::App& app);
void add_inspect(CLI::App& app);
void add_predict(CLI::App& app);
void add_convert(CLI::App& app);
void add_submit(CLI::App& app);
void add_schemes(CLI::App& app);

/// A run that the user stopped has ended as it should: no error, but an exit status of its own.
struct Stopped {
  int status;  ///< 128 and the signal's number, as shells have it
};

/// From now on SIGINT and SIGTERM ask to stop, a second one ends the program at once. What it returns is for train().
std::function<bool(double)> stop_when_asked();

/// Throws Stopped where a run was stopped.
void require_end(bool ended);

/// Throws Error (unwritable) where the file is there and nobody has said --force.
void require_free(const std::filesystem::path& file, bool force);

/// Sets of faces that a command is given.
struct FaceSets {
  std::vector<std::string> sources;  ///< as of read_dataset
  std::filesystem::path root = ".";
  Scheme scheme;
  Augment augment;      ///< of a recipe; else none
  std::string network;  ///< of a recipe: its layers in words
};

/// `data` is a source, or a recipe, whose sets of faces they are. The scheme is the one of that name; where it is empty the
/// recipe's, the packed set's, or what such sources mostly come in. Throws Error.
FaceSets face_sets_of(const std::string& data, const std::string& scheme_name);

/// The model of a command, and what it is run on.
struct Subject {
  std::string model, data, device = "auto", precision = "fp32";
  int threads = 1, every = 1, detect_size = 0;

  NetDetectorOptions detector() const { return {model, device, threads, detect_size, precision}; }
};

/// The model of the shipped detector that lies beside a keypoint model, as in models/, or else its name.
std::string detector_beside(const std::string& model);

/// The options of a Subject; `data` says what its data may be.
void add_subject(CLI::App& command, Subject& subject, const char* data);

}  // namespace fkp
