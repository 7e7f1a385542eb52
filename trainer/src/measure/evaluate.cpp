// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "data/augment.h"
#include "data/median.h"

namespace fkp {
namespace {

constexpr float kFound = 0.3f;   // least intersection over union of a face that is found with its true box
constexpr int kBackgrounds = 4;  // background regions sought in each picture

Sample shrunk(Sample sample, float side) {
  const float scale = side / sample.box().width;
  if (scale >= 1) return sample;
  const cv::Size before = sample.grey.size(), size(std::max(1, cvRound(before.width * scale)), std::max(1, cvRound(before.height * scale)));
  cv::resize(sample.grey, sample.grey, size, 0, 0, cv::INTER_AREA);
  const cv::Point2f by(static_cast<float>(size.width) / static_cast<float>(before.width),
                       static_cast<float>(size.height) / static_cast<float>(before.height));
  for (Point& p : sample.points) p = scaled(p, by);
  sample.face = scaled(sample.face, by);
  for (cv::Rect2f& other : sample.others) other = scaled(other, by);
  return sample;
}

/// The picture turned clockwise around the face box's centre, on a canvas that holds all of it.
Sample rolled(Sample sample, float degrees) {
  const cv::Rect2f face = sample.box();
  const cv::Point2f centre(face.x + face.width / 2, face.y + face.height / 2);
  cv::Matx23d turn = cv::getRotationMatrix2D(centre, -degrees, 1);
  const auto moved = [&turn](float x, float y) {
    const cv::Vec2d to = turn * cv::Vec3d(x, y, 1);
    return cv::Point2f(static_cast<float>(to[0]), static_cast<float>(to[1]));
  };
  const auto right = static_cast<float>(sample.grey.cols - 1), bottom = static_cast<float>(sample.grey.rows - 1);
  const std::vector<cv::Point2f> corners{moved(0, 0), moved(right, 0), moved(0, bottom), moved(right, bottom)};
  const cv::Rect canvas = cv::boundingRect(corners);
  turn(0, 2) -= canvas.x;
  turn(1, 2) -= canvas.y;
  cv::warpAffine(sample.grey.clone(), sample.grey, turn, canvas.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  if (face_box(sample.points).width == 0) sample.face = face;  // a lone point's box would be that of the larger picture
  for (Point& p : sample.points) {
    const cv::Point2f to = moved(p.x, p.y);
    p = {to.x, to.y, p.confidence};
  }
  sample.face -= cv::Point2f(canvas.tl());
  for (cv::Rect2f& other : sample.others) {
    const cv::Point2f half(other.width / 2, other.height / 2), to = other.tl() + half;
    other = {moved(to.x, to.y) - half, other.size()};
  }
  return sample;
}

/// Covers a square somewhere on the face; returns where.
cv::Rect2f cover(Sample& sample, float share, Rng& rng) {
  const cv::Rect2f face = sample.box();
  const float side = share * face.width, room = face.width - side;
  std::uniform_real_distribution<float> where(0, room);
  const cv::Rect2f square(face.x + where(rng), face.y + where(rng), side, side);
  const cv::Rect pixels(cvRound(square.x), cvRound(square.y), cvRound(side), cvRound(side));
  sample.grey(pixels & cv::Rect({}, sample.grey.size())).setTo(128);
  return square;
}

/// Ranks from 0; equal values share the mean of their ranks.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0, end = 0; i < order.size(); i = end) {
    for (end = i + 1; end < order.size() && values[order[end]] == values[order[i]]; end++) {
    }
    for (std::size_t k = i; k < end; k++) ranks[order[k]] = static_cast<double>(i + end - 1) / 2;
  }
  return ranks;
}

/// Spearman's rank correlation; 0 if one of them is constant.
double spearman(const std::vector<double>& a, const std::vector<double>& b) {
  const std::vector<double> x = ranks(a), y = ranks(b);
  const double mean = (static_cast<double>(a.size()) - 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); i++) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The square around those of the points that the sample has: its own box is no other, if it lacks some.
cv::Rect2f box_of_annotated(const Sample& sample, Points points) {
  for (std::size_t k = 0; k < points.size(); k++)
    if (!is_known(sample.points[k])) points[k] = unknown_point();
  return face_box(points);
}

/// The sample's face as the analyser finds it: among its faces, the one whose box overlaps most.
std::optional<Look> found_in(const Sample& sample, Analyser& analyser) {
  const cv::Rect2f truth = sample.box();
  std::optional<Look> best;
  float overlap = kFound;
  analyser.reset();
  for (const Face& f : analyser.analyse({sample.grey}, std::nullopt, {})) {
    const float now = std::max(iou(f.box, truth), iou(box_of_annotated(sample, f.points), truth));
    if (now <= overlap) continue;
    overlap = now;
    best = {f.points, f.score, f.box};
  }
  return best;
}

class Evaluator {
 public:
  Evaluator(KeypointNet& net, const EvaluationOptions& options) : net_(net), scheme_(net.description().scheme), options_(options) {}

  void add(Sample sample);
  Evaluation result();

 private:
  std::optional<Look> look(const Sample& sample);
  void add_background(const Sample& sample);
  void add_points(const Sample& sample, const Points& found, const cv::Rect2f& covered);

  KeypointNet& net_;
  const Scheme& scheme_;
  const EvaluationOptions& options_;
  Rng rng_{1};
  int faces_ = 0, unmeasured_ = 0, kept_ = 0, backgrounds_ = 0, refused_ = 0;
  std::vector<double> errors_, times_, distances_, confidences_, hidden_, seen_;
  std::map<std::string, std::vector<double>> parts_;
};

void Evaluator::add(Sample sample) {
  if (std::isnan(nme(sample.points, sample.points, scheme_, sample.box().width))) {
    unmeasured_++;
    return;
  }
  faces_++;
  if (options_.roll != 0) sample = rolled(std::move(sample), options_.roll);
  if (options_.shrink > 0) sample = shrunk(std::move(sample), options_.shrink);
  sample.grey = sample.grey.clone();  // the sample's own pixels belong to the dataset
  if (options_.blur > 0) cv::GaussianBlur(sample.grey, sample.grey, {}, options_.blur / 100 * sample.box().width);
  if (options_.light < 1) sample.grey *= options_.light;
  if (options_.noise > 0) {
    cv::Mat noise(sample.grey.size(), CV_16S);
    cv::RNG(rng_()).fill(noise, cv::RNG::NORMAL, 0, options_.noise);
    cv::add(sample.grey, noise, sample.grey, cv::noArray(), CV_8U);
  }
  const cv::Rect2f covered = options_.occlude > 0 ? cover(sample, options_.occlude, rng_) : cv::Rect2f();
  add_background(sample);
  const auto seen = look(sample);
  if (!seen) return;
  kept_ += seen->score >= 0.5f;
  errors_.push_back(nme(seen->points, sample.points, scheme_, sample.box().width));
  add_points(sample, seen->points, covered);
}

std::optional<Look> Evaluator::look(const Sample& sample) {
  if (options_.analyser) return found_in(sample, *options_.analyser);
  const Luma picture{sample.grey};
  const Region region = region_of(picture, sample.box(), net_.description().crop);
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Look> looks = net_.look(picture, {region});
  times_.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  return looks[0];
}

void Evaluator::add_background(const Sample& sample) {
  if (net_.description().crop.whole_picture) return;  // it only ever sees whole pictures
  for (int i = 0; i < kBackgrounds; i++) {
    const auto region = background_region(picture_of(sample), 0, rng_);
    if (!region) continue;
    backgrounds_++;
    refused_ += net_.look({sample.grey}, {*region})[0].score < 0.5f;
  }
}

void Evaluator::add_points(const Sample& sample, const Points& found, const cv::Rect2f& covered) {
  const std::vector<double> errors = point_errors(found, sample.points, scheme_, sample.box().width);
  for (std::size_t k = 0; k < found.size(); k++) {
    if (std::isnan(errors[k])) continue;
    distances_.push_back(errors[k]);
    confidences_.push_back(found[k].confidence);
    const bool hidden = covered.contains({sample.points[k].x, sample.points[k].y});
    (hidden ? hidden_ : seen_).push_back(found[k].confidence);
  }
  for (const Part& part : scheme_.parts)
    for (int k : part.points)
      if (!std::isnan(errors[k])) parts_[part.name].push_back(errors[k]);
}

Evaluation Evaluator::result() {
  Evaluation e;
  e.found = static_cast<int>(errors_.size());
  e.summary = summarise(errors_);
  // A face without a detection is a failure.
  if (faces_ > 0) {
    e.summary.fr8 = (e.summary.fr8 * e.found + 100.0 * (faces_ - e.found)) / faces_;
    e.summary.auc8 *= static_cast<double>(e.found) / faces_;
  }
  e.summary.faces = faces_;
  e.unmeasured = unmeasured_;
  for (const auto& [name, errors] : parts_) e.parts[name] = mean(errors);
  e.rank_correlation = spearman(confidences_, distances_);
  e.confidence_hidden = mean(hidden_);
  e.confidence_seen = mean(seen_);
  e.faces_kept = e.found ? 100.0 * kept_ / e.found : 0;
  e.background_refused = backgrounds_ ? 100.0 * refused_ / backgrounds_ : 0;
  e.ms_per_face = median(times_);
  return e;
}

}  // namespace

Evaluation evaluate(KeypointNet& net, const std::vector<Sample>& samples, const EvaluationOptions& options) {
  Evaluator evaluator(net, options);
  for (const Sample& sample : samples) evaluator.add(sample);
  return evaluator.result();
}

}  // namespace fkp
