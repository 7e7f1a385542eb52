// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <string>

#include "fkp/core/error.h"
#include "fkp/detector.h"

namespace fkp {
namespace {

constexpr int kLongestSide = 480;   // of the picture that is searched; 400×300 takes 30 ms of processor time
constexpr int kSmallestShare = 12;  // the shorter side divided by the smallest face's
constexpr int kSmallestFace = 20;   // pixels: the cascade's own window
constexpr double kScaleStep = 1.15;
constexpr int kFewestNeighbours = 2;
constexpr float kHalfScore = 4;  // neighbours at which the score is 0.5

// From a Haar box to the face box, in sides of the Haar box: the means over the 1,774 of the 2,012 faces of 300-W's training part (afw,
// helen, lfpw) that it finds; standard deviations .09, .04 and .08.
constexpr float kShiftX = 0.005f, kShiftY = 0.155f, kScale = 0.89f;

class HaarDetector : public Detector {
 public:
  HaarDetector() {
    const std::string file = std::string(FKP_HAARCASCADES) + "/haarcascade_frontalface_alt2.xml";
    try {
      cascade_.load(file);
    } catch (const cv::Exception&) {  // empty() below reports it
    }
    if (cascade_.empty())
      throw Error(ErrorKind::not_found, "the face detector's cascade " + file + " is missing: install the package opencv-data");
  }

  std::vector<Detection> detect(const Luma& picture) override {
    check(picture);
    const cv::Size2d square = picture.square_size();
    const double scale = std::min(1.0, kLongestSide / std::max(square.width, square.height));
    const cv::Size size(std::max(1, cvRound(square.width * scale)), std::max(1, cvRound(square.height * scale)));
    const bool fits = size == picture.pixels.size();
    if (!fits) cv::resize(picture.pixels, resized_, size, 0, 0, cv::INTER_AREA);
    const int smallest = std::max(kSmallestFace, std::min(size.width, size.height) / kSmallestShare);
    std::vector<cv::Rect> boxes;
    std::vector<int> neighbours;
    cascade_.detectMultiScale(fits ? picture.pixels : resized_, boxes, neighbours, kScaleStep, kFewestNeighbours, 0, {smallest, smallest});
    std::vector<Detection> found;
    for (std::size_t i = 0; i < boxes.size(); i++) {
      const auto side = static_cast<float>(boxes[i].width / scale), face = side * kScale;
      // In a box, pixel edges lie at integers, in our coordinates pixel centres do: half a pixel less.
      const auto x = static_cast<float>((boxes[i].x + boxes[i].width / 2.0) / scale - 0.5) + kShiftX * side;
      const auto y = static_cast<float>((boxes[i].y + boxes[i].height / 2.0) / scale - 0.5) + kShiftY * side;
      const auto n = static_cast<float>(neighbours[i]);
      found.push_back({{x - face / 2, y - face / 2, face, face}, n / (n + kHalfScore)});
    }
    return found;
  }

 private:
  cv::CascadeClassifier cascade_;
  cv::Mat resized_;  // reused between calls
};

}  // namespace

std::unique_ptr<Detector> make_haar_detector() { return std::make_unique<HaarDetector>(); }

}  // namespace fkp
