// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "fkp/keypoint_net.h"

namespace fkp {

/// A coordinate that Kaggle's Facial Keypoints Detection asks for: a row of IdLookupTable.csv.
struct AskedCoordinate {
  std::string row, image;  ///< RowId, ImageId
  std::string point;       ///< as schemes name it: "left-eye-center"
  bool x;                  ///< else y

  std::string column() const;  ///< as the competition names it: "left_eye_center_x"
};

/// The competition's test part.
struct KaggleTest {
  std::map<std::string, cv::Mat> pictures;  ///< by ImageId
  std::vector<AskedCoordinate> asked;       ///< of pictures that are there
};

/// Reads test.csv and IdLookupTable.csv in `folder`. Throws Error: not_found, or unreadable with file and line.
KaggleTest read_kaggle_test(const std::filesystem::path& folder);

/// What is asked for, pixels. A point is found by the first of the networks whose scheme has one of its name, in the whole
/// picture. Throws Error (mismatch) for a point that none of them knows.
std::vector<double> answers_to(const KaggleTest& test, const std::vector<std::unique_ptr<KeypointNet>>& nets);

/// Writes them as a submission: RowId,Location. Throws Error (unwritten).
void write_submission(const KaggleTest& test, const std::vector<double>& answers, const std::filesystem::path& file);

/// The root of their mean square error, pixels, as the competition counts it: over all that is asked, under "", and over each
/// column. `solution`: RowId,Location, as write_kaggle leaves it. Throws Error: not_found, or unreadable.
std::map<std::string, double> errors_of(const KaggleTest& test, const std::vector<double>& answers, const std::filesystem::path& solution);

}  // namespace fkp
