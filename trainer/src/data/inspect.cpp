// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/inspect.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>

#include "data/augment.h"
#include "data/median.h"
#include "drawing.h"

namespace fkp {
namespace {

constexpr float kMargin = 1.35f;  // side of a tile relative to the face box
constexpr unsigned kSeed = 1;

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least, median(values), *most};
}

}  // namespace

SetFacts facts_of(const std::vector<Sample>& samples, const Scheme& scheme) {
  SetFacts facts;
  facts.faces = static_cast<int>(samples.size());
  facts.missing.resize(static_cast<std::size_t>(scheme.size()));
  std::set<std::string> groups;
  std::vector<double> widths, heights, sides, rolls;
  std::size_t known = 0;
  for (const Sample& s : samples) {
    groups.insert(s.group);
    widths.push_back(s.grey.cols);
    heights.push_back(s.grey.rows);
    sides.push_back(s.box().width);
    const double roll = roll_of(s.points, scheme) * 180 / CV_PI;
    if (std::isfinite(roll)) rolls.push_back(roll);
    for (std::size_t k = 0; k < s.points.size(); k++) {
      known += is_known(s.points[k]);
      facts.missing[k] += is_known(s.points[k]) ? 0 : 100.0 / static_cast<double>(samples.size());
    }
  }
  facts.groups = static_cast<int>(groups.size());
  facts.known = 100 * static_cast<double>(known) / static_cast<double>(samples.size() * facts.missing.size());
  facts.width = spread_of(widths);
  facts.height = spread_of(heights);
  facts.side = spread_of(sides);
  facts.roll = spread_of(rolls);
  return facts;
}

cv::Mat contact_sheet(const std::vector<Sample>& samples, const Scheme& scheme, int count, const Augment* augment) {
  const CropSpec tile{{Sheet::kTile, Sheet::kTile}, kMargin};
  const std::size_t shown = std::min(samples.size(), static_cast<std::size_t>(std::max(count, 1)));
  Sheet sheet;
  Rng rng(kSeed);
  for (std::size_t i = 0; i < shown; i++) {
    const Sample& sample = samples[i * samples.size() / shown];
    Crop crop = augment ? augmented_crop(sample, scheme, *augment, tile, rng) : plain_crop(sample, tile);
    cv::Mat picture;
    cv::cvtColor(crop.pixels, picture, cv::COLOR_GRAY2BGR);
    draw_face(picture, crop.points, scheme, kMarkColor);
    sheet.add(picture, "");
  }
  return sheet.picture();
}

}  // namespace fkp
