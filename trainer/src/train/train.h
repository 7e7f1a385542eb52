// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>

#include "recipe/recipe.h"
#include "train/diverged.h"

namespace fkp {

/// Trains a recipe in `folder`, which gets recipe.toml (to repeat the run), log.csv, run.json (run/run_folder.h), report.html,
/// checkpoint.pt and model.pt (the weights with the lowest validation error so far), all updated after every epoch. With
/// `resume` it continues from checkpoint.pt and, on a CPU, ends with the same weights as an uninterrupted run; without, a folder
/// that holds a run is refused. `stop` is called after every batch with the number of epochs done, a whole number at the end of
/// an epoch; if it returns true, the run saves a checkpoint and stops. Returns whether the run was completed. Throws Error and
/// Diverged, which say what is kept.
/// If the environment names several workers (train/distributed.h), this process is one of them. They share each batch, which is that
/// many times larger; only rank 0 reads and writes the folder; the `stop` of any of them stops all. Throws LostWorker if a worker
/// ended or was silent for `patience`.
bool train(const Recipe& recipe, const std::filesystem::path& folder, bool resume, const std::function<bool(double)>& stop = {},
           bool tensorboard = false, std::chrono::seconds patience = std::chrono::seconds(60));

/// Writes the averaged weights of a checkpoint as a model file, validated again on the recipe's held-out data. Throws Error.
void export_checkpoint(const Recipe& recipe, const std::filesystem::path& checkpoint, const std::filesystem::path& file);

}  // namespace fkp
