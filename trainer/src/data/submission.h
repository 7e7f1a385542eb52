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
  std::vector<AskedCoordinate> asked;       ///< each picture is in `pictures`
};

/// Reads test.csv and IdLookupTable.csv in `folder`. Throws Error: not_found, or unreadable with file and line.
KaggleTest read_kaggle_test(const std::filesystem::path& folder);

/// The coordinates that are asked for, pixels. Each point comes from the first network whose scheme has a point of that name,
/// run on the whole picture. Throws Error (mismatch) for a point that none of them has.
std::vector<double> answers_to(const KaggleTest& test, const std::vector<std::unique_ptr<KeypointNet>>& nets);

/// Writes the answers as a submission: RowId,Location. Throws Error (unwritten).
void write_submission(const KaggleTest& test, const std::vector<double>& answers, const std::filesystem::path& file);

/// The root mean square error of the answers, pixels, as the competition computes it: over all of them, under the key "", and
/// per column. `solution`: RowId,Location, as written by write_kaggle. Throws Error: not_found, or unreadable.
std::map<std::string, double> errors_of(const KaggleTest& test, const std::vector<double>& answers, const std::filesystem::path& solution);

}  // namespace fkp
