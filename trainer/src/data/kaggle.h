// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/sample.h"

namespace fkp {

constexpr int kKaggleSide = 96;  ///< of the pictures, pixels

/// The points of kaggle-15, derived from those of `scheme` (data/derive.h). Throws Error (mismatch) if that is not possible.
Points kaggle_points(const Points& points, const Scheme& scheme);

struct KaggleOptions {
  double test = 0.2;          ///< share of the groups that form the test part
  double withheld = 2.0 / 3;  ///< share of the faces, in both parts, with only four points: eye centres, nose tip, lower lip
  std::uint64_t seed = 1;
};

/// Writes faces as the files of Kaggle's Facial Keypoints Detection (2013): training.csv, test.csv, IdLookupTable.csv, which names
/// the coordinates asked for in the test part, SampleSubmission.csv, and Solution.csv, the true answers in the form of a
/// submission, which the competition keeps secret. Throws Error (unwritten).
void write_kaggle(const std::vector<Sample>& samples, const Scheme& scheme, const KaggleOptions& options,
                  const std::filesystem::path& folder);

}  // namespace fkp
