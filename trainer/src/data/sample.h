// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "fkp/core/geometry.h"

namespace fkp {

/// An annotated face.
struct Sample {
  std::string picture;               ///< its file
  std::string group;                 ///< the person or picture it comes from: a group is never split between training and validation
  cv::Mat grey;                      ///< CV_8UC1, 0–255
  Points points;                     ///< in the scheme's order, pixel centres at integers
  int set = 0;                       ///< index of its set in the recipe
  cv::Rect2f face{};                 ///< the square around all annotated points if `points` are derived from them; else empty
  std::vector<cv::Rect2f> others{};  ///< boxes of the picture's other annotated faces

  /// The face box. A single point says nothing about the face's size: then the largest centred square of the picture.
  cv::Rect2f box() const {
    if (face.width > 0) return face;
    const cv::Rect2f around = face_box(points);
    if (around.width > 0) return around;
    const auto width = static_cast<float>(grey.cols), height = static_cast<float>(grey.rows), side = std::min(width, height);
    return {(width - side - 1) / 2, (height - side - 1) / 2, side, side};
  }
};

/// A whole picture and the boxes of its faces.
struct Picture {
  std::string file;
  std::string group;  ///< as in Sample
  cv::Mat grey;       ///< CV_8UC1, 0–255
  std::vector<cv::Rect2f> faces;
  std::vector<Points> points;         ///< of each face; empty if the set has boxes only
  std::vector<cv::Rect2f> squares{};  ///< the square around all annotated points of each face; as `points`
};

/// The sample's picture with the boxes of all annotated faces.
inline Picture picture_of(const Sample& sample) {
  Picture picture{sample.picture, sample.group, sample.grey, sample.others, {}};
  picture.faces.push_back(sample.box());
  return picture;
}

/// A face's size: the side of a square with its box's area.
inline float size_of(const cv::Rect2f& box) { return std::sqrt(std::max(box.area(), 0.f)); }

/// A part of a picture with incomplete labels: faces up to `largest` (see size_of) may lack a box.
struct Unlabelled {
  cv::Rect2f where;
  float largest = 0;
};

/// A sample that could not be read, and why.
struct Refusal {
  std::string where;  ///< file, with the line if there is one
  std::string reason;
};

struct Dataset {
  std::vector<Sample> samples;
  std::vector<Refusal> refused;
};

/// How many samples of a set are used, and what was refused.
struct SetCount {
  std::string name;
  std::size_t train = 0, validation = 0;
  std::vector<Refusal> refused;
};

struct PictureSet {
  std::vector<Picture> pictures;
  std::vector<Refusal> refused;
};

}  // namespace fkp
