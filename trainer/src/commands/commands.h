// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fkp/net_detector.h"
#include "programs/above_zero.h"
#include "recipe/recipe.h"

// The commands of fkp-train, one file each. main() reports what they throw.

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

/// Thrown if the user stopped a run: not an error, but with an exit status of its own.
struct Stopped {
  int status;  ///< 128 plus the signal's number, as in shells
};

/// Makes SIGINT and SIGTERM request a stop; a second one ends the program at once. Returns the `stop` for train().
std::function<bool(double)> stop_when_asked();

/// Throws Stopped if a run was stopped, and says how it goes on.
void require_end(bool ended, const char* how_to_go_on);

/// Throws Error (unwritable) if the file exists, unless `force`.
void require_free(const std::filesystem::path& file, bool force);

/// The sets of faces that a command is given.
struct FaceSets {
  std::vector<std::string> sources;  ///< as for read_dataset
  std::filesystem::path root = ".";
  Scheme scheme;
  Augment augment;             ///< that of the recipe, if given one
  std::string network;         ///< the layer_table of the recipe, if given one
  bool whole_picture = false;  ///< the recipe's network looks at whole pictures
};

/// `data` is a source, or a recipe with such sets. The scheme is the recipe's; for a source, the named one or, if that is empty,
/// the packed set's own or the usual one of such sources. Throws Error.
FaceSets face_sets_of(const std::string& data, const std::string& scheme_name);

/// The model of a command, and the data to run it on.
struct Subject {
  std::string model, data, device = "auto", precision = "fp32";
  int threads = 1, every = 1, detect_size = 0;

  NetDetectorOptions detector() const { return {model, device, threads, detect_size, precision}; }
};

/// The file of the shipped detector if it lies beside a keypoint model, as in models/, else its name.
std::string detector_beside(const std::string& model);

/// Adds the options of a Subject; `data` is the help text of --data.
void add_subject(CLI::App& command, Subject& subject, const std::string& data);

}  // namespace fkp
