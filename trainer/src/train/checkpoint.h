// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "train/muon.h"

namespace fkp {

/// How many annotated samples a run trains on and holds out.
struct DataSize {
  std::size_t train = 0, held_out = 0;
};

/// The progress of a run.
struct Position {
  int epoch = 0;                 ///< completed epochs
  int batch = 0;                 ///< batches done in the current epoch
  double loss = 0, seconds = 0;  ///< summed over these batches
  double waited = 0;             ///< seconds of these spent waiting for batches
  std::int64_t step = 0;         ///< batches since the start of the run
  double best = 1e9;             ///< lowest validation error so far
  int workers = 1;               ///< number of workers that shared these batches
  DataSize data;                 ///< what it trains on, and is measured by
};

/// The complete state of a run between two batches, including torch's random generator, to save in a file. Training can continue
/// on another device.
struct Checkpoint {
  torch::nn::Module &network, &average;
  torch::optim::Optimizer& optimizer;
  Muon& muon;
  Position& position;

  /// Throws Error (unwritten); the file is complete, or as it was.
  void save(const std::filesystem::path& file) const;

  /// Throws Error: not_found, or unreadable if the file is no checkpoint of such a network.
  void load(const std::filesystem::path& file) const;

  /// The content of such a file.
  std::string bytes() const;
  /// Restores the state from `bytes`. `file`: for the error message. Throws Error (unreadable).
  void take(const std::string& bytes, const std::filesystem::path& file) const;
};

}  // namespace fkp
