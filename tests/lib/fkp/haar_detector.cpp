// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "fkp/core/geometry.h"
#include "fkp/detector.h"
#include "support/files.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// The annotated points of a .pts file of iBUG, 1-based there.
Points points_in(const fs::path& pts) {
  std::ifstream in(pts);
  std::string word;
  while (in >> word && word != "{") continue;
  Points points;
  for (float x = 0, y = 0; in >> x >> y;) points.push_back({x - 1, y - 1});
  return points;
}

float best_overlap(Detector& detector, const Luma& picture, const cv::Rect2f& face) {
  float best = 0;
  for (const Detection& d : detector.detect(picture)) best = std::max(best, iou(d.box, face));
  return best;
}

TEST(HaarDetector, FindsFacesWhateverTheShapeOfThePixels) {
  NEEDS_DATA();
  const auto detector = make_haar_detector();
  int faces = 0, found = 0, found_squeezed = 0;
  for (int i = 10; i <= 400; i += 10) {
    char name[16];
    std::snprintf(name, sizeof name, "image_%04d", i);
    const fs::path base = test::data_folder() / "300w/lfpw/trainset" / name;
    const cv::Mat grey = cv::imread(base.string() + ".jpg", cv::IMREAD_GRAYSCALE);
    if (grey.empty()) continue;  // a part of the set could not be had
    faces++;
    const cv::Rect2f face = face_box(points_in(base.string() + ".pts"));
    found += best_overlap(*detector, {grey}, face) > 0.6f;
    cv::Mat squeezed;
    cv::resize(grey, squeezed, {}, 0.5, 1, cv::INTER_AREA);
    found_squeezed += best_overlap(*detector, {squeezed, false, 2}, face) > 0.6f;
  }
  ASSERT_GE(faces, 30);
  EXPECT_GE(found, 0.75 * faces);
  EXPECT_GE(found_squeezed, 0.7 * faces);
}

TEST(HaarDetector, FindsNothingWhereNothingIs) {
  const auto detector = make_haar_detector();
  EXPECT_TRUE(detector->detect({cv::Mat(300, 400, CV_8UC1, cv::Scalar(128))}).empty());
  EXPECT_TRUE(detector->detect({cv::Mat(1, 1, CV_8UC1, cv::Scalar(128))}).empty());
}

}  // namespace
}  // namespace fkp
