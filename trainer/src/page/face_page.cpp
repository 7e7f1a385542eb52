// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/face_page.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "drawing.h"
#include "page/chart.h"

namespace fkp {
namespace {

constexpr int kSide = 320;         // pixels of a tile's longest side
constexpr std::size_t kShown = 8;  // pictures of each kind

/// A picture that boxes are drawn on.
class Boxed {
 public:
  explicit Boxed(const cv::Mat& grey) : scale_(std::min(1.0, static_cast<double>(kSide) / std::max(grey.cols, grey.rows))) {
    cv::resize(grey, picture_, {}, scale_, scale_, cv::INTER_AREA);
    cv::cvtColor(picture_, picture_, cv::COLOR_GRAY2BGR);
  }
  void draw(const cv::Rect2f& box, const cv::Scalar& color) {
    const auto s = static_cast<float>(scale_);
    const cv::Rect2f there = scaled(box, {s, s});
    cv::rectangle(picture_, cv::Rect(cvRound(there.x), cvRound(there.y), cvRound(there.width), cvRound(there.height)), color);
  }
  const cv::Mat& picture() const { return picture_; }

 private:
  double scale_;
  cv::Mat picture_;
};

/// A picture with the detections above a score threshold.
struct Judged {
  const Picture* picture;
  PictureResult result;
  int right = 0, missed = 0, invented = 0;
};

Judged judge(const Picture& picture, PictureResult result, float threshold) {
  Judged j{&picture, above(std::move(result), threshold)};
  for (int match : matched(j.result)) (match >= 0 ? j.right : j.invented)++;
  j.missed = static_cast<int>(j.result.truth.size()) - j.right;
  return j;
}

Tile tile_of(const Judged& j) {
  Boxed boxed(j.picture->grey);
  for (const cv::Rect2f& face : j.result.truth) boxed.draw(face, kTruthColor);
  for (const FoundFace& face : j.result.found) boxed.draw(face.box, kMarkColor);
  std::string text = std::to_string(j.right) + " found";
  if (j.missed > 0) text += ", " + std::to_string(j.missed) + " missed";
  if (j.invented > 0) text += ", " + std::to_string(j.invented) + " false";
  return {boxed.picture(), text};
}

}  // namespace

void show_scenes(const std::vector<Scene>& scenes, const Scheme& scheme, Page& page) {
  page.section("What the network sees");
  page.text("Pictures of the first epoch, put together and augmented, with the boxes and points that are known.");
  std::vector<Tile> tiles;
  for (const Scene& scene : scenes) {
    cv::Mat picture;
    cv::cvtColor(scene.pixels, picture, cv::COLOR_GRAY2BGR);
    for (const SceneFace& face : scene.faces) {
      cv::rectangle(picture, cv::Rect(face.box), kMarkColor);
      if (!face.points.empty()) draw_face(picture, face.points, scheme, kTruthColor);
    }
    tiles.push_back({picture, std::to_string(scene.faces.size()) + " faces"});
  }
  page.tiles(tiles);
}

void show_detections(const std::vector<HeldOut>& lists, float threshold, Page& page) {
  Chart chart{"Precision, on pictures that were held out", "recall", {}};
  std::vector<std::vector<std::string>> table{
      {"list", "pictures", "faces", "AP", "below 32 px", "to 96 px", "above", "recall at 0.1 false boxes a picture"}};
  std::vector<Judged> judged;
  for (const HeldOut& list : lists) {
    const DetectionSummary s = detection_summary(list.results);
    chart.curves.push_back({list.name, precision_over_recall(list.results)});
    table.push_back({list.name, std::to_string(s.images), std::to_string(s.faces), number_text(s.ap), number_text(s.ap_small),
                     number_text(s.ap_medium), number_text(s.ap_large), number_text(s.recall_fppi01)});
    for (std::size_t i = 0; i < list.results.size(); i++) judged.push_back(judge(list.pictures[i], list.results[i], threshold));
  }
  page.section("Errors");
  page.table(table);
  page.drawings({svg_of(chart)});
  // By mistakes per face found; of two equal pictures, that with more faces found is the better.
  std::stable_sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) {
    const double x = (a.missed + a.invented) / (1.0 + a.right), y = (b.missed + b.invented) / (1.0 + b.right);
    return x != y ? x < y : a.right > b.right;
  });
  const std::size_t shown = std::min(kShown, judged.size());
  const auto show = [&](const std::string& words, std::size_t first) {
    page.text(words);
    std::vector<Tile> tiles;
    for (std::size_t i = first; i < first + shown; i++) tiles.push_back(tile_of(judged[i]));
    page.tiles(tiles);
  };
  page.section("Best and worst");
  show("The truth is green, what the network found with a score of " + number_text(threshold) + " or more yellow. The best:", 0);
  show("The worst, the very worst last:", judged.size() - shown);
}

}  // namespace fkp
