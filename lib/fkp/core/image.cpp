// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <vector>

namespace fkp {
namespace {

/// The pixels of the picture that a crop reads, and `spare` more on each side; never empty.
cv::Rect read_by(const cv::Matx23f& crop_to_picture, cv::Size size, const cv::Mat& pixels, int spare) {
  cv::Point2f low(1e9f, 1e9f), high(-1e9f, -1e9f);
  const auto right = static_cast<float>(size.width), bottom = static_cast<float>(size.height);
  for (const Point& corner : {Point{-1, -1}, Point{right, -1}, Point{-1, bottom}, Point{right, bottom}}) {
    const Point p = transformed(crop_to_picture, corner);
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  const auto clamped = [](float v, int last, int by) {
    return static_cast<int>(std::clamp(std::round(v) + static_cast<float>(by), 0.f, static_cast<float>(last)));
  };
  const cv::Point first(clamped(low.x, pixels.cols - 1, -spare), clamped(low.y, pixels.rows - 1, -spare));
  const cv::Point last(clamped(high.x, pixels.cols - 1, spare), clamped(high.y, pixels.rows - 1, spare));
  return {first, last + cv::Point(1, 1)};
}

/// Sums of `by` adjacent numbers each. A `by` known at compile time (kBy; 0: it is not) takes half the time.
template <int kBy>
void add_neighbours(const std::uint16_t* numbers, int by, int count, int* sums) {
  const int each = kBy > 0 ? kBy : by;
  for (int i = 0; i < count; i++, numbers += each) sums[i] = std::accumulate(numbers, numbers + each, 0);
}

auto neighbour_adder(int by) {
  constexpr std::array kAdders{add_neighbours<0>, add_neighbours<0>, add_neighbours<0>, add_neighbours<3>,
                               add_neighbours<4>, add_neighbours<5>, add_neighbours<6>, add_neighbours<7>};
  return kAdders[by < static_cast<int>(kAdders.size()) ? by : 0];
}

/// The means of squares of `by`×`by` pixels, bit-identical to cv::resize with INTER_AREA. Adds up columns first, which the compiler
/// vectorises; OpenCV looks up the position of every pixel, except for `by` = 2, and takes six times as long.
void shrink_by_area(const cv::Mat& from, int by, cv::Mat& to) {
  constexpr int kBlock = 32;      // columns that are added up at once
  constexpr int kMostRows = 257;  // white ones, whose sum still fits a uint16_t
  const cv::Size size(from.cols / by, from.rows / by);
  const int width = size.width * by;
  if (by == 2 || by > kMostRows || width < kBlock) {
    cv::resize(from, to, size, 0, 0, cv::INTER_AREA);
    return;
  }
  cv::Mat squares(size, CV_32S);
  std::vector<std::uint16_t> columns(static_cast<std::size_t>(width));
  const auto add = neighbour_adder(by);
  for (int y = 0; y < size.height; y++) {
    for (int next = 0; next < width; next += kBlock) {
      const int x = std::min(next, width - kBlock);  // the last block overlaps
      std::array<std::uint16_t, kBlock> sums{};
      for (int i = 0; i < by; i++) {
        const uchar* row = from.ptr(y * by + i) + x;
        for (std::size_t k = 0; k < kBlock; k++) sums[k] = static_cast<std::uint16_t>(sums[k] + row[k]);
      }
      std::copy(sums.begin(), sums.end(), columns.begin() + x);
    }
    add(columns.data(), by, size.width, squares.ptr<int>(y));
  }
  squares.convertTo(to, CV_8U, 1.f / static_cast<float>(by * by));
}

}  // namespace

void check(const Luma& picture) {
  if (picture.pixels.empty() || picture.pixels.type() != CV_8UC1) throw std::invalid_argument("a picture must be CV_8UC1 and not empty");
  if (!(picture.pixel_aspect > 0) || !std::isfinite(picture.pixel_aspect)) throw std::invalid_argument("a pixel aspect must be above 0");
}

void cut(const Luma& picture, const Region& region, cv::Size size, cv::Mat& crop) {
  cv::Matx23f map = from_crop(region, size);  // from the crop to square pixels
  for (int c = 0; c < 3; c++) map(0, c) /= picture.pixel_aspect;
  map(0, 2) += 0.5f / picture.pixel_aspect - 0.5f;  // and on to the picture's own pixels

  const int reduction = static_cast<int>(region.side / static_cast<float>(std::min(size.width, size.height)));
  cv::Rect source = read_by(map, size, picture.pixels, std::max(reduction, 1));
  cv::Mat pixels = picture.pixels(source);
  const int shrink = std::min({reduction, source.width, source.height});
  if (shrink >= 2) {
    source.width -= source.width % shrink;
    source.height -= source.height % shrink;
    pixels = cv::Mat();
    shrink_by_area(picture.pixels(source), shrink, pixels);
  }
  const float step = 1.f / static_cast<float>(std::max(shrink, 1));
  for (int c = 0; c < 3; c++) map(0, c) *= step, map(1, c) *= step;
  map(0, 2) += (0.5f - static_cast<float>(source.x)) * step - 0.5f;
  map(1, 2) += (0.5f - static_cast<float>(source.y)) * step - 0.5f;
  cv::warpAffine(pixels, crop, map, size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
  constexpr double kGain = 255.0 / (kVideoWhite - kVideoBlack);
  if (picture.video_range) crop.convertTo(crop, CV_8U, kGain, -kVideoBlack * kGain);
}

}  // namespace fkp
