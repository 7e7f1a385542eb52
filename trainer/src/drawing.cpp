// SPDX-License-Identifier: LGPL-2.1-or-later
#include "drawing.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "fkp/core/error.h"

namespace fkp {
namespace {

constexpr int kGap = 8, kShift = 4;  // pixels; fractional bits of OpenCV's fixed-point coordinates

cv::Point fixed(const Point& p) { return {cvRound(p.x * (1 << kShift)), cvRound(p.y * (1 << kShift))}; }

}  // namespace

const cv::Scalar kMarkColor{0, 220, 255}, kTruthColor{80, 220, 80};

void draw_face(cv::Mat& picture, const Points& points, const Scheme& scheme, const cv::Scalar& color) {
  const float side = std::max(face_box(points).width, static_cast<float>(picture.cols) / 4);
  const int line = std::max(1, cvRound(side / 250)), radius = cvRound(std::max(1.f, side / 90) * (1 << kShift));
  for (const Outline& outline : scheme.outlines) {
    const std::size_t n = outline.points.size();
    for (std::size_t i = 0; i + (outline.closed ? 0 : 1) < n; i++) {
      const Point &a = points[outline.points[i]], &b = points[outline.points[(i + 1) % n]];
      if (is_known(a) && is_known(b)) cv::line(picture, fixed(a), fixed(b), color * 0.6, line, cv::LINE_AA, kShift);
    }
  }
  for (const Point& p : points)
    if (is_known(p)) cv::circle(picture, fixed(p), radius, color, cv::FILLED, cv::LINE_AA, kShift);
}

void Sheet::add(const cv::Mat& tile, const std::string& text) {
  if (in_row_ == 0) picture_.push_back(cv::Mat(kTile, kColumns * kTile, CV_8UC3, cv::Scalar::all(0)));
  cv::Mat place = picture_({in_row_ * kTile, picture_.rows - kTile, kTile, kTile});
  tile.copyTo(place);
  cv::putText(place, text, {3, kTile - 5}, cv::FONT_HERSHEY_SIMPLEX, 0.4, kMarkColor, 1, cv::LINE_AA);
  in_row_ = (in_row_ + 1) % kColumns;
}

void Sheet::rule() {
  picture_.push_back(cv::Mat(kGap, kColumns * kTile, CV_8UC3, kMarkColor));
  in_row_ = 0;
}

void write_picture(const cv::Mat& picture, const std::filesystem::path& file) {
  bool written = false;
  try {
    written = cv::imwrite(file.string(), picture);
  } catch (const cv::Exception&) {  // an extension that OpenCV does not know
  }
  if (!written) throw Error(ErrorKind::unwritten, "cannot write " + file.string() + ": is the folder there, and the ending .png or .jpg?");
}

}  // namespace fkp
