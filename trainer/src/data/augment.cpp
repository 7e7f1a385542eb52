// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/augment.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "fkp/core/crop.h"

namespace fkp {
namespace {

constexpr float kDegree = static_cast<float>(CV_PI / 180);
constexpr float kSameFace = 0.25f;         // intersection over union up to which a region misses the face
constexpr float kLeastTurned = 120;        // degrees from upright beyond which a face counts as upside down
constexpr float kSmallestBackground = 24;  // pixels
constexpr int kBackgroundTries = 30;

float normal(Rng& rng, float sigma) { return sigma > 0 ? std::normal_distribution<float>(0, sigma)(rng) : 0.f; }
/// Zero on average; `size`: the limit or the standard deviation.
float amount(Rng& rng, const Augment& a, float size) { return a.even && size > 0 ? uniform(rng, -size, size) : normal(rng, size); }
float even_in_logarithm(Rng& rng, float low, float high) { return std::exp(uniform(rng, std::log(low), std::log(high))); }

/// The upright box around what a region's crop shows of the picture.
cv::Rect2f shown_by(const Region& region) {
  const float half = region.side / 2 * (std::abs(std::cos(region.angle)) + std::abs(std::sin(region.angle)));
  return {region.center.x - half, region.center.y - half, 2 * half, 2 * half};
}

/// Not equalised, which has to come after all changes.
Crop crop_of(const Sample& sample, const Region& region, cv::Size size) {
  Crop crop;
  cut({sample.grey}, region, size, crop.pixels);
  const cv::Matx23f map = to_crop(region, size);
  for (const Point& p : sample.points) crop.points.push_back(transformed(map, p));
  crop.side = sample.box().width * static_cast<float>(std::min(size.width, size.height)) / region.side;
  return crop;
}

void mirror(Crop& crop, const Scheme& scheme) {
  cv::flip(crop.pixels, crop.pixels, 1);
  const Points before = crop.points;
  for (int i = 0; i < scheme.size(); i++) {
    crop.points[i] = before[scheme.mirror[i]];
    crop.points[i].x = static_cast<float>(crop.pixels.cols - 1) - crop.points[i].x;
  }
}

void resample(cv::Mat& pixels, Rng& rng) {
  const int size = static_cast<int>(uniform(rng, 20, 80));
  cv::Mat small;
  cv::resize(pixels, small, {size, size}, 0, 0, cv::INTER_AREA);
  cv::resize(small, pixels, pixels.size(), 0, 0, chance(rng, 0.5f) ? cv::INTER_LINEAR : cv::INTER_CUBIC);
}

/// Defocus, or linear motion blur.
void blur(cv::Mat& pixels, Rng& rng) {
  if (chance(rng, 0.5f)) {
    cv::GaussianBlur(pixels, pixels, {}, uniform(rng, 0.5f, 2.5f));
    return;
  }
  const int length = 3 + 2 * static_cast<int>(uniform(rng, 0, 4));
  cv::Mat line = cv::Mat::zeros(length, length, CV_32F);
  const float middle = static_cast<float>(length - 1) / 2, angle = uniform(rng, 0, static_cast<float>(CV_PI));
  const cv::Point2f half(middle * std::cos(angle), middle * std::sin(angle)), center(middle, middle);
  cv::line(line, center - half, center + half, 1);
  cv::filter2D(pixels, pixels, -1, line / cv::sum(line)[0]);
}

void add_noise(cv::Mat& pixels, Rng& rng) {
  const float sigma = even_in_logarithm(rng, 2, 40);
  cv::RNG noise_rng(rng());
  cv::Mat noise(pixels.size(), CV_16S);
  noise_rng.fill(noise, cv::RNG::NORMAL, 0, sigma);
  cv::add(pixels, noise, pixels, cv::noArray(), CV_8U);
}

/// Lit from one side: the other is darkened to 15 to 80 %, along a gradual slope or a soft edge.
void shade(cv::Mat& pixels, Rng& rng) {
  const float angle = uniform(rng, 0, static_cast<float>(2 * CV_PI)), dark = uniform(rng, 0.15f, 0.8f), where = uniform(rng, -0.5f, 0.5f);
  const float width = even_in_logarithm(rng, 0.05f, 1);  // of the slope, in sides of the crop
  const float c = std::cos(angle) / static_cast<float>(pixels.cols), s = std::sin(angle) / static_cast<float>(pixels.rows);
  for (int y = 0; y < pixels.rows; y++) {
    auto* row = pixels.ptr<std::uint8_t>(y);
    for (int x = 0; x < pixels.cols; x++) {
      const float along = (c * (static_cast<float>(x) - static_cast<float>(pixels.cols) / 2) +
                           s * (static_cast<float>(y) - static_cast<float>(pixels.rows) / 2) - where) /
                          width;
      const float gain = 1 - (1 - dark) * std::clamp(0.5f + along, 0.f, 1.f);
      row[x] = static_cast<std::uint8_t>(static_cast<float>(row[x]) * gain);
    }
  }
}

/// Half of the time far too dark; else far too bright, or hazy.
void expose(cv::Mat& pixels, Rng& rng) {
  if (chance(rng, 0.5f))
    pixels.convertTo(pixels, CV_8U, even_in_logarithm(rng, 0.06f, 0.5f), uniform(rng, 0, 25));
  else if (chance(rng, 0.5f))
    pixels.convertTo(pixels, CV_8U, uniform(rng, 1.3f, 3), uniform(rng, -40, 40));
  else
    pixels.convertTo(pixels, CV_8U, even_in_logarithm(rng, 0.1f, 0.5f), uniform(rng, 30, 200));
}

void compress(cv::Mat& pixels, Rng& rng) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", pixels, bytes, {cv::IMWRITE_JPEG_QUALITY, static_cast<int>(uniform(rng, 4, 40))});
  cv::imdecode(bytes, cv::IMREAD_GRAYSCALE, &pixels);
}

/// An occluder: a flat or a noisy rectangle.
void erase(cv::Mat& pixels, Rng& rng) {
  const auto across = static_cast<float>(pixels.cols), down = static_cast<float>(pixels.rows);
  const cv::Size size(static_cast<int>(uniform(rng, 0.1f, 0.4f) * across), static_cast<int>(uniform(rng, 0.1f, 0.4f) * down));
  const cv::Point at(static_cast<int>(uniform(rng, 0, across - static_cast<float>(size.width))),
                     static_cast<int>(uniform(rng, 0, down - static_cast<float>(size.height))));
  cv::Mat patch = pixels({at, size});
  patch.setTo(uniform(rng, 0, 255));
  if (chance(rng, 0.5f)) cv::RNG(rng()).fill(patch, cv::RNG::UNIFORM, 0, 256);
}

/// A random part of the region, `share` of its side, anywhere in what its crop shows.
Region part_of(Region region, float share, cv::Size size, Rng& rng) {
  const float room = region.side * (1 - share) / 2 / static_cast<float>(std::min(size.width, size.height));
  const float x = uniform(rng, -room, room) * static_cast<float>(size.width),
              y = uniform(rng, -room, room) * static_cast<float>(size.height);
  return {region.center + turned({x, y}, region.angle), region.side * share, region.angle};
}

/// Places a region as inexactly as a detector would.
void jitter(Region& region, const Augment& a, Rng& rng) {
  region.center += cv::Point2f(amount(rng, a, a.shift), amount(rng, a, a.shift)) * region.side;
  region.side *= std::exp(amount(rng, a, a.scale));
}

/// The crop, degraded, as one that shows no face.
Crop negative(Crop crop, const Augment& a, const CropSpec& spec, Rng& rng) {
  crop.face = false;
  spoil(crop.pixels, a, rng);
  equalise(crop.pixels, spec.equalise);
  return crop;
}

}  // namespace

float random_angle(const Augment& a, Rng& rng) {
  const bool wide = a.wide_rotation > 0 && chance(rng, a.wide_share);
  return kDegree * (wide ? uniform(rng, -a.wide_rotation, a.wide_rotation) : amount(rng, a, a.rotation));
}

void spoil(cv::Mat& pixels, const Augment& a, Rng& rng) {
  if (chance(rng, a.resample)) resample(pixels, rng);
  if (chance(rng, a.blur)) blur(pixels, rng);
  const double gain = std::exp(amount(rng, a, a.contrast)), mean = cv::mean(pixels)[0];
  pixels.convertTo(pixels, CV_8U, gain, mean * (1 - gain) + 255 * amount(rng, a, a.brightness));
  if (a.light > 0 && chance(rng, a.light)) shade(pixels, rng);
  if (a.exposure > 0 && chance(rng, a.exposure)) expose(pixels, rng);
  if (chance(rng, a.noise)) add_noise(pixels, rng);
  if (a.jpeg > 0 && chance(rng, a.jpeg)) compress(pixels, rng);
  if (chance(rng, a.erase)) erase(pixels, rng);
}

Crop plain_crop(const Sample& sample, const CropSpec& spec) {
  Crop crop = crop_of(sample, region_of({sample.grey}, sample.box(), spec), spec.size);
  equalise(crop.pixels, spec.equalise);
  return crop;
}

Crop augmented_crop(const Sample& sample, const Scheme& scheme, const Augment& a, const CropSpec& spec, Rng& rng) {
  Region region = region_of({sample.grey}, sample.box(), spec);
  jitter(region, a, rng);
  region.angle = random_angle(a, rng);
  if (a.crop < 1) region = part_of(region, a.crop, spec.size, rng);
  Crop crop = crop_of(sample, region, spec.size);
  if (a.mirror && chance(rng, 0.5f)) mirror(crop, scheme);
  crop.clean = crop.pixels.clone();
  spoil(crop.pixels, a, rng);
  equalise(crop.pixels, spec.equalise);
  return crop;
}

Crop misplaced_crop(const Sample& sample, const Augment& a, const CropSpec& spec, Rng& rng) {
  const cv::Rect2f face = sample.box();
  const auto w = static_cast<float>(sample.grey.cols), h = static_cast<float>(sample.grey.rows);
  Region region;
  const auto shows = [&](const cv::Rect2f& f) {
    return iou({region.center.x - region.side / 2, region.center.y - region.side / 2, region.side, region.side}, f) > kSameFace;
  };
  do {
    const float side = face.width * std::exp(uniform(rng, -1.6f, 1.1f));
    const cv::Point2f corner(uniform(rng, -side / 2, w - side / 2), uniform(rng, -side / 2, h - side / 2));
    region = region_of(cv::Rect2f(corner, cv::Size2f(side, side)), 1);
  } while (shows(face) || std::any_of(sample.others.begin(), sample.others.end(), shows));
  region.side *= spec.margin;
  region.angle = uniform(rng, -a.wide_rotation, a.wide_rotation) * kDegree;
  return negative(crop_of(sample, region, spec.size), a, spec, rng);
}

Crop turned_crop(const Sample& sample, const Augment& a, const CropSpec& spec, Rng& rng) {
  Region region = region_of({sample.grey}, sample.box(), spec);
  jitter(region, a, rng);
  region.angle = uniform(rng, kLeastTurned, 360 - kLeastTurned) * kDegree;
  return negative(crop_of(sample, region, spec.size), a, spec, rng);
}

std::optional<Region> background_region(const Picture& picture, float rotation, Rng& rng) {
  const auto w = static_cast<float>(picture.grey.cols), h = static_cast<float>(picture.grey.rows);
  const float longest = std::log(std::max(w, h)), shortest = std::min(std::log(kSmallestBackground), longest);
  for (int i = 0; i < kBackgroundTries; i++) {
    const cv::Point2f center(uniform(rng, 0, w), uniform(rng, 0, h));
    const float side = std::exp(uniform(rng, shortest, longest));
    const Region region{center, side, uniform(rng, -rotation, rotation) * kDegree};
    const cv::Rect2f shown = shown_by(region);
    const auto covers = [&](const cv::Rect2f& f) { return (f & shown).area() > 0.1f * f.area(); };
    if (std::none_of(picture.faces.begin(), picture.faces.end(), covers)) return region;
  }
  return std::nullopt;
}

std::optional<Crop> background_crop(const Picture& picture, const Augment& a, const CropSpec& spec, Rng& rng) {
  const auto region = background_region(picture, a.wide_rotation, rng);
  if (!region) return std::nullopt;
  Crop crop;
  cut({picture.grey}, *region, spec.size, crop.pixels);
  return negative(std::move(crop), a, spec, rng);
}

}  // namespace fkp
