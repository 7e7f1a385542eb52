// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "sample.h"

namespace fkp {

/// The points of kaggle-15 (see derive.h). Throws Error (mismatch) for a scheme that has them not.
Points kaggle_points(const Points& points, const Scheme& scheme);

struct KaggleOptions {
  double test = 0.2;          ///< share of the groups whose faces are the test part
  double withheld = 2.0 / 3;  ///< share of the training rows with four points alone: eye centres, nose tip, lower lip
  std::uint64_t seed = 1;
};

/// Writes faces in the files of Kaggle's Facial Keypoints Detection (2013): training.csv, test.csv, IdLookupTable.csv, which names
/// the test part's points that are asked for, SampleSubmission.csv, and, which the competition keeps to itself, Solution.csv in
/// the form of a submission. Throws Error (unwritten).
void write_kaggle(const std::vector<Sample>& samples, const Scheme& scheme, const KaggleOptions& options,
                  const std::filesystem::path& folder);

}  // namespace fkp
