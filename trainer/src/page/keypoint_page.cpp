// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/keypoint_page.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "drawing.h"
#include "measure/metrics.h"
#include "page/chart.h"
#include "page/error_face.h"

namespace fkp {
namespace {

constexpr int kSide = 200;            // pixels of a tile's longest side
constexpr std::size_t kShown = 8;     // of the best, and of the worst
constexpr double kCurveShare = 0.98;  // of the faces are shown by the cumulative curve

/// An enlarged crop on which points are drawn.
class Enlarged {
 public:
  explicit Enlarged(const cv::Mat& grey) : scale_(static_cast<double>(kSide) / std::max(grey.cols, grey.rows)) {
    cv::resize(grey, picture_, {}, scale_, scale_, scale_ > 1 ? cv::INTER_LINEAR : cv::INTER_AREA);
    cv::cvtColor(picture_, picture_, cv::COLOR_GRAY2BGR);
  }

  Enlarged& draw(Points points, const Scheme& scheme, const cv::Scalar& color) {
    const auto s = static_cast<float>(scale_);
    for (Point& p : points) p = scaled(p, {s, s});
    draw_face(picture_, points, scheme, color);
    return *this;
  }

  const cv::Mat& picture() const { return picture_; }

 private:
  double scale_;
  cv::Mat picture_;
};

Chart cumulative(std::vector<double> errors) {
  std::sort(errors.begin(), errors.end());
  Curve curve{"faces", {{0, 0}}};
  const auto n = static_cast<double>(errors.size());
  const auto shown = static_cast<std::size_t>(std::ceil(kCurveShare * n));
  for (std::size_t i = 0; i < shown; i++) curve.points.emplace_back(errors[i], 100 * static_cast<double>(i + 1) / n);
  return {"Faces with at most this error, %", shown < errors.size() ? "NME, %; the worst 2 % of the faces lie beyond" : "NME, %", {curve}};
}

/// The mean error of each point, over the faces in which it is known.
std::vector<double> errors_by_point(const std::vector<Prediction>& predictions, const Scheme& scheme) {
  std::vector<double> sums(static_cast<std::size_t>(scheme.size())), counts(sums.size());
  for (const Prediction& p : predictions) {
    const std::vector<double> errors = point_errors(p.found, p.truth, scheme, p.side);
    for (std::size_t k = 0; k < sums.size(); k++)
      if (std::isfinite(errors[k])) {
        sums[k] += errors[k];
        counts[k]++;
      }
  }
  for (std::size_t k = 0; k < sums.size(); k++) sums[k] /= counts[k];  // 0 / 0 is NaN
  return sums;
}

void show_errors(const std::vector<Prediction>& predictions, const Scheme& scheme, Page& page) {
  std::vector<double> nmes;
  std::vector<Points> truth;
  for (const Prediction& p : predictions) {
    nmes.push_back(p.nme);
    truth.push_back(p.truth);
  }
  const Summary s = summarise(nmes);
  page.section("Errors");
  page.text(std::to_string(s.faces) + " faces that were held out: NME " + percent_text(s.mean) + " mean, " + percent_text(s.median) +
            " median; " + percent_text(s.fr8) + " of the faces are above 8 %.");
  const Points shape = mean_shape(truth);
  const std::vector<double> means = errors_by_point(predictions, scheme);
  page.drawings({svg_of(cumulative(nmes))});
  if (!std::any_of(shape.begin(), shape.end(), is_known)) return;  // a single point has no shape
  std::vector<std::string> drawings{svg_of_points({"Error by point, on the mean face", scheme, shape, means})};
  if (!scheme.parts.empty()) drawings.push_back(svg_of_parts({"Error by region", scheme, shape, means}));
  page.drawings(drawings);
}

}  // namespace

void show_crops(const std::vector<Crop>& crops, const Scheme& scheme, Page& page) {
  page.section("What the network sees");
  const bool empty = std::any_of(crops.begin(), crops.end(), [](const Crop& c) { return !c.face; });
  page.text(std::string("Crops of the first epoch, augmented.") +
            (empty ? " Those without points teach the face score what is no face." : ""));
  std::vector<Tile> tiles;
  for (const Crop& crop : crops) {
    Enlarged tile(crop.pixels);
    if (crop.face) tile.draw(crop.points, scheme, kMarkColor);
    tiles.push_back({tile.picture(), ""});
  }
  page.tiles(tiles);
}

void show_predictions(const std::vector<Prediction>& predictions, const Scheme& scheme, const std::function<cv::Mat(std::size_t)>& pixels,
                      Page& page) {
  if (predictions.empty()) return;
  show_errors(predictions, scheme, page);
  std::vector<const Prediction*> order;
  for (const Prediction& p : predictions) order.push_back(&p);
  std::stable_sort(order.begin(), order.end(), [](const Prediction* a, const Prediction* b) { return a->nme < b->nme; });
  const std::size_t shown = std::min(kShown, order.size());
  const auto show = [&](const std::string& words, std::size_t first) {
    page.text(words);
    std::vector<Tile> tiles;
    for (std::size_t i = first; i < first + shown; i++) {
      const Prediction& p = *order[i];
      const cv::Mat picture = Enlarged(pixels(p.sample)).draw(p.truth, scheme, kTruthColor).draw(p.found, scheme, kMarkColor).picture();
      tiles.push_back({picture, percent_text(p.nme)});
    }
    page.tiles(tiles);
  };
  page.section("Best and worst");
  show("The truth is green, what the network found yellow. The best:", 0);
  show("The worst, the very worst last:", order.size() - shown);
}

}  // namespace fkp
