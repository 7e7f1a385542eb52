// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <vector>

#include "data/augment.h"
#include "data/sample.h"
#include "recipe/recipe.h"

namespace fkp {

/// The faces that a recipe trains on, and those that it holds out.
struct Split {
  std::vector<Sample> train, validation;
  std::vector<std::string> validation_sets;  ///< the sets that Sample::set of `validation` indexes
  std::vector<SetCount> counts;              ///< of the recipe's sets, then of its validation_sets
};

/// The recipe with the first of its schemes in which its first set can be read. If there is none, throws as read_dataset does
/// with the recipe's first scheme.
Recipe with_scheme_of_data(Recipe recipe);

/// Reads the recipe's sets and holds out whole groups (people, pictures), or reads its validation_sets. Which groups are held out
/// depends on their names and the seed alone. Lists of boxes are left to a recipe's teacher. Throws as read_dataset, and Error (unreadable)
/// if nothing is left to train on.
Split read_and_split(const Recipe& recipe);

/// The pictures of lists of boxes, except those that show what is held out; logs how many there are, and what is refused. Throws as
/// read_pictures.
PictureSet read_others(const std::vector<std::string>& lists, const Recipe& recipe, const std::vector<Sample>& held_out);

/// Crops as contiguous arrays, in the network's input order.
struct Batch {
  int count = 0;
  std::vector<std::uint8_t> pixels;  ///< [count, height, width]
  std::vector<std::uint8_t> clean;   ///< the same before degradation, for a teacher
  std::vector<float> points;         ///< [count, points, 2], crop pixels
  std::vector<float> weight;         ///< [count], of the points' loss; 0 if there is no face
  std::vector<float> face;           ///< [count], 1 if there is a face, else 0

  void append(const Crop& crop, float weight_of_face);
};

/// Makes the batches of the recipe's epochs. Of each batch, worker `rank` gets every `workers`-th sample.
class Batches {
 public:
  /// `backgrounds`: whole pictures with all of their faces' boxes. Throws Error (settings) if an epoch has fewer samples than there are
  /// workers.
  Batches(const Recipe& recipe, const std::vector<Sample>& samples, int rank = 0, int workers = 1, std::vector<Picture> backgrounds = {});

  int count() const;  ///< batches per epoch

  /// Indices of the epoch's samples, shuffled; of each set, the share that the recipe draws.
  std::vector<int> order(int epoch) const;

  /// The crop at a position of the epoch's order: the augmented sample, or a crop without a face. Its random generator is seeded
  /// by epoch and position, so that threads make no difference.
  Crop crop(const Sample& sample, int epoch, int position) const;

  /// The worker's part of batch `index` of an epoch.
  Batch make(int epoch, const std::vector<int>& order, int index) const;

 private:
  Crop negative_crop(const Sample& sample, Rng& rng) const;

  const Recipe& recipe_;
  const std::vector<Sample>& samples_;
  const int rank_, workers_;
  const int size_;  // of a batch, over all workers
  const std::vector<Picture> backgrounds_;
  std::vector<int> quotas_;  // samples of each set that an epoch draws
  int drawn_ = 0;            // their sum
};

}  // namespace fkp
