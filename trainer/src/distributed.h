// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "place.h"

namespace fkp {

/// The workers, seen from one of them. All call the same functions in the same order. Each says twice a second that it is alive;
/// whatever waits for others throws LostWorker when one of them was silent for the patience, or ended.
class Workers {
 public:
  Workers();  ///< this process is alone: nothing below waits for anybody, nor costs anything
  /// Meets the others. Throws Error where they do not come.
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
  /// Each tensor becomes its mean over the workers.
  void average(std::vector<torch::Tensor> tensors) const;
  /// What the first worker calls it with.
  std::string of_first(std::string bytes) const;
  /// Returns when all have come here, however long that takes them.
  void meet() const;
  /// The same, and throws Error (mismatch) where they differ in a number.
  void require_same(std::size_t number, const std::string& what) const;
  /// Tells the others why this one ends.
  void fail(const std::string& why) const;

 private:
  friend class GradientSum;
  struct Group;
  const Place place_;
  std::unique_ptr<Group> group_;  // none where it is alone
};

/// Adds up gradients over the workers, in buckets that travel while the backward pass still runs.
class GradientSum {
 public:
  /// Of `weights`, in the order in which they are used: the last ones' gradients come first.
  GradientSum(const Workers& workers, std::vector<torch::Tensor> weights);
  ~GradientSum();
  GradientSum(const GradientSum&) = delete;
  GradientSum& operator=(const GradientSum&) = delete;

  /// Behind backward(): waits until the sums are there.
  void finish();

 private:
  struct Buckets;
  std::unique_ptr<Buckets> buckets_;  // none where the worker is alone
};

}  // namespace fkp
