// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <vector>

#include "augment.h"
#include "page/sets_page.h"
#include "recipe.h"
#include "sample.h"

namespace fkp {

/// The faces that a recipe trains on, and those that it holds out.
struct Split {
  std::vector<Sample> train, validation;
  std::vector<std::string> validation_sets;  ///< what Sample::set of `validation` counts
  std::vector<SetCount> counts;              ///< of the recipe's sets, then of those that it validates on
};

/// The recipe with the first of its schemes that its first set has the points of. Throws as read_dataset with the recipe's first
/// scheme where that is none.
Recipe with_scheme_of_data(Recipe recipe);

/// Reads the recipe's sets and holds out whole groups (people, pictures), or reads the sets that it validates on. Which groups
/// depends on their names and the seed alone. Throws as read_dataset, and Error (unreadable) where nothing is left to train on.
Split read_and_split(const Recipe& recipe);

/// Crops side by side, as the network takes them.
struct Batch {
  int count = 0;
  std::vector<std::uint8_t> pixels;  ///< [count, height, width]
  std::vector<std::uint8_t> clean;   ///< the same before they were spoilt, for a teacher
  std::vector<float> points;         ///< [count, points, 2], crop pixels
  std::vector<float> weight;         ///< [count], of the points' loss; 0 where there is no face
  std::vector<float> face;           ///< [count], 1 where there is a face

  void append(const Crop& crop, float weight_of_face);
};

/// Makes the batches of the recipe's epochs; of each the part of one of `workers`, which is every so manieth of its samples.
class Batches {
 public:
  /// Throws Error (settings) where an epoch has no sample for each worker.
  Batches(const Recipe& recipe, const std::vector<Sample>& samples, int rank = 0, int workers = 1);

  int count() const;  ///< of an epoch

  /// The epoch's samples: all, shuffled, or of a set the share that its recipe draws.
  std::vector<int> order(int epoch) const;

  /// What the epoch shows at a position of its order: the sample, or a crop without a face, by a generator of its own, so that
  /// threads change nothing.
  Crop crop(const Sample& sample, int epoch, int position) const;

  /// Batch `index` of an epoch.
  Batch make(int epoch, const std::vector<int>& order, int index) const;

 private:
  Crop negative_crop(const Sample& sample, Rng& rng) const;

  const Recipe& recipe_;
  const std::vector<Sample>& samples_;
  const int rank_, workers_;
  const int size_;  // of a batch, all workers' parts together
  const std::vector<Picture> backgrounds_;
  std::vector<int> quotas_;  // samples of each set that an epoch draws
  int drawn_ = 0;            // their sum
};

}  // namespace fkp
