// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "recipe.h"

namespace fkp {

/// The loss is no number any more.
struct Diverged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs a recipe in `folder`, which gets recipe.toml (that repeats the run), log.csv, run.json (run/run_folder.h), report.html,
/// checkpoint.pt and model.pt (the weights with the least validation error so far). All are up to date after every epoch. With
/// `resume` it goes on from checkpoint.pt, to the same weights on a CPU as a run that never stopped; without, a folder that
/// holds a run is refused. `stop` is asked after every batch, with the epochs done until now, whole at the end of one; a run
/// that is stopped has saved where it stands. Returns whether the run came to its end. Throws Error and Diverged, which say
/// what is kept.
/// Where the environment names several workers (distributed.h), this is one of them. They share each batch, so that it is as many
/// times as large; the first alone reads and writes the folder; any one's `stop` stops all. Throws LostWorker where one was not
/// heard of for `patience`, or ended.
bool train(const Recipe& recipe, const std::filesystem::path& folder, bool resume, const std::function<bool(double)>& stop = {},
           bool tensorboard = false, std::chrono::seconds patience = std::chrono::seconds(60));

/// The weights of a checkpoint, measured anew on what the recipe holds out, as a model file. Throws Error.
void export_checkpoint(const Recipe& recipe, const std::filesystem::path& checkpoint, const std::filesystem::path& file);

}  // namespace fkp
