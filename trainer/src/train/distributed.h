// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "train/place.h"

namespace fkp {

/// A worker's connection to the others. All workers call the same functions in the same order. Each sends a heartbeat twice a
/// second; functions that wait for others throw LostWorker if one of them ended or was silent for `patience`.
class Workers {
 public:
  Workers();  ///< a single process: nothing below waits, nor costs anything
  /// Connects to the others. Throws Error if they do not all come.
  Workers(const Place& place, std::chrono::seconds patience);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int rank() const { return place_.rank; }
  int size() const { return place_.size; }
  int beside() const { return place_.beside; }
  int turn() const { return place_.turn; }
  bool first() const { return place_.rank == 0; }

  std::vector<double> sum(std::vector<double> mine) const;
  bool any(bool mine) const { return sum({mine ? 1. : 0.})[0] > 0; }
  /// Replaces each tensor by its mean over the workers.
  void average(std::vector<torch::Tensor> tensors) const;
  /// Broadcast: returns the `bytes` of rank 0 on every worker.
  std::string of_first(std::string bytes) const;
  /// Barrier: returns when all workers have reached it, however long that takes.
  void meet() const;
  /// Barrier that throws Error (mismatch) if the workers' numbers differ.
  void require_same(std::size_t number, const std::string& what) const;
  /// Tells the others why this worker ends.
  void fail(const std::string& why) const;

 private:
  friend class GradientSum;
  struct Group;
  const Place place_;
  std::unique_ptr<Group> group_;  // null for a single process
};

/// Sums gradients over the workers, in buckets whose all-reduce overlaps with the backward pass.
class GradientSum {
 public:
  /// `weights` in the order of the forward pass: the gradients of the last ones are ready first.
  GradientSum(const Workers& workers, std::vector<torch::Tensor> weights);
  ~GradientSum();
  GradientSum(const GradientSum&) = delete;
  GradientSum& operator=(const GradientSum&) = delete;

  /// After backward(): waits for the sums.
  void finish();

 private:
  struct Buckets;
  std::unique_ptr<Buckets> buckets_;  // null for a single process
};

}  // namespace fkp
