// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/clutter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fkp {
namespace {

constexpr int kTextureCells = 40;  // at most, along a side
constexpr int kMostThings = 12;
constexpr float kSmallestThing = 6;  // pixels

/// Draws a thing of about `side` pixels around `center`.
using Draw = void (*)(cv::Mat& picture, cv::Point2f center, float side, Rng& rng);

cv::RotatedRect oval(cv::Point2f center, float side, Rng& rng) {
  return {center, {side, side * uniform(rng, 0.6f, 1.1f)}, uniform(rng, 0, 180)};
}

void draw_letters(cv::Mat& picture, cv::Point2f center, float side, Rng& rng) {
  constexpr std::array<int, 6> kFonts{cv::FONT_HERSHEY_SIMPLEX, cv::FONT_HERSHEY_PLAIN,          cv::FONT_HERSHEY_DUPLEX,
                                      cv::FONT_HERSHEY_COMPLEX, cv::FONT_HERSHEY_SCRIPT_SIMPLEX, cv::FONT_HERSHEY_TRIPLEX};
  std::string text;
  for (int i = any(rng, 1, 4); i > 0; i--) text += static_cast<char>(any(rng, '!', 'z'));
  const int font = any_of(rng, kFonts);
  const int thickness = std::max(1, static_cast<int>(side * uniform(rng, 0.03f, 0.2f)));
  int baseline = 0;
  const cv::Size size = cv::getTextSize(text, font, 1, 1, &baseline);
  cv::putText(picture, text, center + cv::Point2f(-side / 2, side / 2), font, side / static_cast<float>(std::max(size.height, 1)),
              any(rng, 0, 255), thickness, cv::LINE_AA);
}

/// A disc or a ring, often with marks inside: a seal, a button, a wheel, a clock.
void draw_disc(cv::Mat& picture, cv::Point2f center, float side, Rng& rng) {
  const int grey = any(rng, 0, 255);
  cv::ellipse(picture, oval(center, side, rng), grey, chance(rng, 0.5) ? cv::FILLED : std::max(1, static_cast<int>(side * 0.1f)),
              cv::LINE_AA);
  for (int i = any(rng, 0, 5); i > 0; i--) {
    const cv::Point2f at = center + cv::Point2f(uniform(rng, -0.3f, 0.3f), uniform(rng, -0.3f, 0.3f)) * side;
    const float part = side * uniform(rng, 0.08f, 0.4f);
    if (chance(rng, 0.3))
      draw_letters(picture, at, part, rng);
    else
      cv::ellipse(picture, oval(at, part, rng), any(rng, 0, 255), chance(rng, 0.5) ? cv::FILLED : 1, cv::LINE_AA);
  }
}

/// A ball, a fruit, a lamp: bright on one side.
void draw_ball(cv::Mat& picture, cv::Point2f center, float side, Rng& rng) {
  const int rings = std::clamp(static_cast<int>(side / 2), 3, 24);
  const cv::Point2f towards = cv::Point2f(uniform(rng, -0.3f, 0.3f), uniform(rng, -0.3f, 0.3f)) * side;
  const float from = uniform(rng, 0, 255), to = uniform(rng, 0, 255);
  for (int i = 0; i < rings; i++) {
    const float way = static_cast<float>(i) / static_cast<float>(rings);
    cv::circle(picture, center + towards * way, std::max(1, static_cast<int>(side / 2 * (1 - way))), from + (to - from) * way, cv::FILLED,
               cv::LINE_AA);
  }
}

cv::Rect square_in(const cv::Mat& picture, cv::Point2f center, float side) {
  return cv::Rect(cv::Point(center - cv::Point2f(side, side) / 2), cv::Size(cv::Size2f(side, side))) & cv::Rect({}, picture.size());
}

/// Stripes or a chequer-board.
void draw_grating(cv::Mat& picture, cv::Point2f center, float side, Rng& rng) {
  const cv::Rect where = square_in(picture, center, side);
  const float angle = uniform(rng, 0, static_cast<float>(CV_PI)), wave = uniform(rng, 0.15f, 1.5f), grey = uniform(rng, 0, 255);
  const float contrast = uniform(rng, 10, 120), across = chance(rng, 0.5) ? 0.f : wave;
  const float c = std::cos(angle), s = std::sin(angle);
  for (int y = where.y; y < where.br().y; y++)
    for (int x = where.x; x < where.br().x; x++) {
      const auto fx = static_cast<float>(x), fy = static_cast<float>(y);
      const float value = std::sin(wave * (c * fx + s * fy)) * std::cos(across * (c * fy - s * fx));
      picture.at<std::uint8_t>(y, x) = cv::saturate_cast<std::uint8_t>(grey + contrast * value);
    }
}

void draw_patch(cv::Mat& picture, cv::Point2f center, float side, Rng& rng) {
  const cv::Rect where = square_in(picture, center, side);
  if (!where.empty()) fill_with_texture(picture(where), rng);
}

constexpr std::array<Draw, 5> kThings{draw_disc, draw_letters, draw_ball, draw_grating, draw_patch};

}  // namespace

cv::Mat texture(int size, Rng& rng) {
  const float grey = uniform(rng, 0, 255), contrast = chance(rng, 0.5) ? uniform(rng, 0, 60) : 0.f;
  const int cells = static_cast<int>(std::exp(uniform(rng, 1, std::log(static_cast<float>(kTextureCells)))));
  cv::Mat coarse(cells, cells, CV_32F), pixels;
  cv::RNG(rng()).fill(coarse, cv::RNG::NORMAL, grey, contrast);
  cv::resize(coarse, pixels, {size, size}, 0, 0, cv::INTER_CUBIC);
  pixels.convertTo(pixels, CV_8U);
  return pixels;
}

void fill_with_texture(cv::Mat pixels, Rng& rng) { texture(std::max(pixels.cols, pixels.rows), rng)({{}, pixels.size()}).copyTo(pixels); }

cv::Mat clutter(int size, Rng& rng) {
  cv::Mat picture = texture(size, rng);
  const float most = std::max(kSmallestThing, 0.9f * static_cast<float>(size));
  for (int i = any(rng, 2, kMostThings); i > 0; i--) {
    const float side = std::exp(uniform(rng, std::log(kSmallestThing), std::log(most)));
    const auto edge = static_cast<float>(size);
    const cv::Point2f center(uniform(rng, 0, edge), uniform(rng, 0, edge));
    any_of(rng, kThings)(picture, center, side, rng);
  }
  if (chance(rng, 0.5)) cv::GaussianBlur(picture, picture, {}, uniform(rng, 0.4f, 2.f));
  return picture;
}

}  // namespace fkp
