// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/boxes.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fkp {

Letterbox letterbox(const Luma& picture, int longest) {
  const cv::Size2f square = picture.square_size();
  const float shrink = std::min(1.f, static_cast<float>(longest) / std::max(square.width, square.height));
  Letterbox box;
  box.used = {std::max(1, cvRound(square.width * shrink)), std::max(1, cvRound(square.height * shrink))};
  box.input = {rounded_up(box.used.width), rounded_up(box.used.height)};
  box.scale = {static_cast<float>(box.used.width) / square.width, static_cast<float>(box.used.height) / square.height};
  return box;
}

FoundFace Letterbox::to_picture(const FoundFace& face) const {
  const cv::Point2f back(1 / scale.x, 1 / scale.y);
  FoundFace out{scaled(face.box, back), face.score, face.points};
  for (Point& p : out.points) p = scaled(p, back);
  return out;
}

void fill(float* input, const Letterbox& box, const Luma& picture, float black, float white, cv::Mat& scratch) {
  cv::Mat pixels = picture.pixels;
  if (box.used != pixels.size()) {
    cv::resize(pixels, scratch, box.used, 0, 0, cv::INTER_AREA);
    pixels = scratch;
  }
  cv::Mat whole(box.input, CV_32F, input);
  if (box.used != box.input) whole.setTo((black + white) / 2);
  const double darkest = picture.video_range ? kVideoBlack : 0, brightest = picture.video_range ? kVideoWhite : 255;
  const double gain = (white - black) / (brightest - darkest);
  pixels.convertTo(whole({{}, box.used}), CV_32F, gain, black - gain * darkest);
}

void decode(const float* map, int rows, int cols, int stride, int points, float least, std::vector<FoundFace>& faces) {
  const float least_logit = std::log(least / (1 - least)), step = static_cast<float>(stride);
  const int cells = rows * cols;
  for (int cell = 0; cell < cells; cell++) {
    if (!(map[cell] >= least_logit)) continue;
    const auto value = [&](int i) { return map[i * cells + cell]; };
    const float x = (static_cast<float>(cell % cols) + 0.5f) * step - 0.5f, y = (static_cast<float>(cell / cols) + 0.5f) * step - 0.5f;
    const float w = std::exp(value(3)) * step, h = std::exp(value(4)) * step;
    FoundFace face{{x + value(1) * step - w / 2, y + value(2) * step - h / 2, w, h}, 1 / (1 + std::exp(-map[cell])), {}};
    for (int k = 0; k < points; k++) face.points.push_back({x + value(5 + 2 * k) * step, y + value(6 + 2 * k) * step});
    faces.push_back(std::move(face));
  }
}

std::vector<FoundFace> suppress(std::vector<FoundFace> faces, float overlap) {
  std::stable_sort(faces.begin(), faces.end(), [](const FoundFace& a, const FoundFace& b) { return a.score > b.score; });
  std::vector<FoundFace> kept;
  for (FoundFace& face : faces)
    if (std::none_of(kept.begin(), kept.end(), [&](const FoundFace& k) { return iou(k.box, face.box) > overlap; }))
      kept.push_back(std::move(face));
  return kept;
}

}  // namespace fkp
