// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "muon.h"

namespace fkp {

/// Where a run stands.
struct Position {
  int epoch = 0;                 ///< whole ones that are done
  int batch = 0;                 ///< of the one in hand
  double loss = 0, seconds = 0;  ///< of these batches, summed
  double waited = 0;             ///< of these seconds, for a batch to be made
  std::int64_t step = 0;         ///< batches since the run began
  double best = 1e9;             ///< least validation error until now
  int workers = 1;               ///< that shared these batches
};

/// All that a run remembers from one batch to the next, torch's own generator included, as a file. What was trained on one device
/// goes on on any other.
struct Checkpoint {
  torch::nn::Module &network, &average;
  torch::optim::Optimizer& optimizer;
  Muon& muon;
  Position& position;

  /// Throws Error (unwritten); the file is whole, or as it was.
  void save(const std::filesystem::path& file) const;

  /// Throws Error: not_found, or unreadable where the file is no checkpoint of such a network.
  void load(const std::filesystem::path& file) const;

  /// What the file holds.
  std::string bytes() const;
  /// `file`: for the message. Throws Error (unreadable).
  void take(const std::string& bytes, const std::filesystem::path& file) const;
};

}  // namespace fkp
