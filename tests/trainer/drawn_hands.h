// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "support/files.h"

namespace fkp::test {

/// A made-up scheme with pictures, as a user would supply them: drawn hands with 21 points (the wrist, and four points per
/// finger), hands.csv and the recipe hands.toml in one folder. The last row of the CSV is too short: it is refused.
class DrawnHands {
 public:
  static constexpr int kPictures = 40, kSide = 96, kPoints = 21;  // kSide: pixels of a picture

  DrawnHands() {
    cv::RNG rng(3);
    std::string csv = "picture";
    for (int k = 0; k < kPoints; k++) csv += ",x" + std::to_string(k) + ",y" + std::to_string(k);
    csv += "\n";
    for (int i = 0; i < kPictures; i++) {
      const auto points = hand(rng.uniform(-0.15f, 0.15f), rng.uniform(0.9f, 1.1f));
      const std::string name = "hand" + std::to_string(i / 2) + "_" + std::to_string(i % 2) + ".png";
      cv::imwrite((folder_ / name).string(), drawn(points));
      csv += name;
      for (const cv::Point2f& p : points) csv += "," + std::to_string(p.x) + "," + std::to_string(p.y);
      csv += "\n";
    }
    write(folder_ / "hands.csv", csv + "hand0_0.png,1,2\n");
    write(folder_ / "hands.toml", recipe());
  }

  /// The points of a hand that is not in the set.
  static std::vector<cv::Point2f> another() { return hand(0.05f, 1.f); }

  static cv::Mat drawn(const std::vector<cv::Point2f>& points) {
    constexpr int kShift = 4;
    const auto fixed = [](const cv::Point2f& p) { return cv::Point(cvRound(p.x * (1 << kShift)), cvRound(p.y * (1 << kShift))); };
    cv::Mat picture(kSide, kSide, CV_8UC1, cv::Scalar(40));
    for (std::size_t k = 1; k < points.size(); k++) {
      const cv::Point2f& before = k % 4 == 1 ? points[0] : points[k - 1];
      cv::line(picture, fixed(before), fixed(points[k]), 150, 5, cv::LINE_AA, kShift);
    }
    for (std::size_t k = 0; k < points.size(); k++)
      cv::circle(picture, fixed(points[k]), 2 << kShift, 250, cv::FILLED, cv::LINE_AA, kShift);
    return picture;
  }

  fs::path operator/(const std::string& name) const { return folder_ / name; }
  const fs::path& path() const { return folder_.path(); }

 private:
  /// Fingers fan out from the wrist; `turn` in radians.
  static std::vector<cv::Point2f> hand(float turn, float size) {
    const cv::Point2f wrist(kSide / 2.f, kSide * 0.88f);
    std::vector<cv::Point2f> points{wrist};
    for (int finger = 0; finger < 5; finger++)
      for (int joint = 1; joint <= 4; joint++) {
        const float angle = turn + 0.42f * static_cast<float>(finger - 2);
        const float length = size * (finger == 0 || finger == 4 ? 15.f : 18.f) * static_cast<float>(joint);
        points.push_back(wrist + cv::Point2f(length * std::sin(angle), -length * std::cos(angle)));
      }
    return points;
  }

  static std::string recipe() {
    std::string names = "\"wrist\"", outlines;
    for (int finger = 0; finger < 5; finger++) {
      outlines += "{ points = [0";
      for (int joint = 1; joint <= 4; joint++) {
        names += ", \"finger" + std::to_string(finger) + "-" + std::to_string(joint) + "\"";
        outlines += ", " + std::to_string(4 * finger + joint);
      }
      outlines += "] }, ";
    }
    return "[scheme]\nname = \"hand-21\"\npoints = [" + names + "]\noutlines = [" + outlines +
           "]\nparts = { thumb = [1, 2, 3, 4] }\n"
           "[data]\nroot = \".\"\ntrain = [\"csv:hands.csv\"]\nvalidation = 0.2\n"
           "[augment]\nrotation = 5\nscale = 0.08\nshift = 0.03\n"
           "[network]\ninput = 64\nmargin = 1.25\nwidths = [8, 12, 16, 16]\ndepths = [1, 1, 1, 1]\nhead = 16\n"
           "[train]\nlr = 1e-2  # high\nbatch = 4\nema = 0.9\nwarmup = 1\nthreads = 1\nnegatives = 0.1\nepochs = 3\n";
  }

  TemporaryFolder folder_;
};

}  // namespace fkp::test
