// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/misses.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "drawing.h"

namespace fkp {
namespace {

constexpr float kContext = 2;  // side of a tile's region relative to its box

struct Mistake {
  std::size_t picture;
  cv::Rect2f box;
  float weight;  // greater is worse; shown on the tile
};

void keep_worst(std::vector<Mistake>& mistakes, int count) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) { return a.weight > b.weight; });
  if (mistakes.size() > static_cast<std::size_t>(count)) mistakes.resize(static_cast<std::size_t>(count));
}

cv::Mat tile_of(const cv::Mat& grey, const Mistake& mistake) {
  cv::Mat tile;
  const Region region = region_of(mistake.box, kContext);
  cut({grey}, region, cv::Size(Sheet::kTile, Sheet::kTile), tile);
  cv::cvtColor(tile, tile, cv::COLOR_GRAY2BGR);
  const cv::Matx23f map = to_crop(region, {Sheet::kTile, Sheet::kTile});
  const cv::Rect2f& b = mistake.box;
  const Point low = transformed(map, {b.x, b.y}), high = transformed(map, {b.x + b.width, b.y + b.height});
  cv::rectangle(tile, cv::Point2f(low.x, low.y), cv::Point2f(high.x, high.y), kMarkColor);
  return tile;
}

void append(Sheet& sheet, const std::vector<Picture>& pictures, const std::vector<Mistake>& mistakes, int decimals) {
  for (const Mistake& m : mistakes)
    sheet.add(tile_of(pictures[m.picture].grey, m), cv::format("%.*f", decimals, static_cast<double>(m.weight)));
}

}  // namespace

void write_misses(const std::vector<Picture>& pictures, const std::vector<PictureResult>& results, float threshold, int count,
                  const std::filesystem::path& file) {
  std::vector<Mistake> missed, invented;
  for (std::size_t i = 0; i < results.size(); i++) {
    const PictureResult sure = above(results[i], threshold);
    const std::vector<int> match = matched(sure);
    for (std::size_t t = 0; t < sure.truth.size(); t++)
      if (std::find(match.begin(), match.end(), static_cast<int>(t)) == match.end())
        missed.push_back({i, sure.truth[t], size_of(sure.truth[t])});
    for (std::size_t f = 0; f < sure.found.size(); f++)
      if (match[f] < 0) invented.push_back({i, sure.found[f].box, sure.found[f].score});
  }
  keep_worst(missed, count);
  keep_worst(invented, count);
  Sheet sheet;
  append(sheet, pictures, missed, 0);
  sheet.rule();
  append(sheet, pictures, invented, 2);
  write_picture(sheet.picture(), file);
}

}  // namespace fkp
