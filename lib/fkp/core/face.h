// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fkp/core/geometry.h"

namespace fkp {

/// A face of a frame.
struct Face {
  std::uint32_t id = 0;  ///< from 1; the same while the face is followed
  cv::Rect2f box;        ///< the face box
  float score = 0;       ///< in [0, 1]: how sure the keypoint network is that this is a face
  bool held = false;     ///< carried over from an earlier frame without a fresh look
  Points points;
};

/// What is published of one frame.
struct FrameRecord {
  std::string stream;                ///< empty: left out
  std::uint64_t frame = 0;           ///< from 0
  std::optional<std::uint64_t> pts;  ///< nanoseconds
  int width = 0, height = 0;
  std::string scheme;
  std::vector<Face> faces;
};

/// One line of JSON, without a line feed; coordinates rounded to a hundredth of a pixel. Its fields: docs/json.md.
std::string to_json(const FrameRecord& record);

}  // namespace fkp
