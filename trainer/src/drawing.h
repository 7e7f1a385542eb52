// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <string>

#include "fkp/core/geometry.h"

namespace fkp {

/// Draws the scheme's outlines and the known points on a BGR picture; strokes scale with the face.
void draw_face(cv::Mat& picture, const Points& points, const Scheme& scheme, const cv::Scalar& color);

/// A picture of square BGR tiles in rows, in the order in which they are added.
class Sheet {
 public:
  static constexpr int kTile = 120, kColumns = 12;  // pixels

  /// Adds a tile of kTile×kTile pixels with a text in its lower left corner.
  void add(const cv::Mat& tile, const std::string& text);

  /// Ends the row and draws a line.
  void rule();

  const cv::Mat& picture() const { return picture_; }

 private:
  cv::Mat picture_;
  int in_row_ = 0;
};

extern const cv::Scalar kMarkColor, kTruthColor;  ///< yellow, of what was found; green, of what was annotated

/// Writes a picture in the format of the file's extension. Throws Error (unwritten).
void write_picture(const cv::Mat& picture, const std::filesystem::path& file);

}  // namespace fkp
