// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <optional>
#include <set>

#include "data/scenes.h"
#include "fkp/core/error.h"
#include "fkp/face_search.h"
#include "fkp/model.h"
#include "measure/detection_metrics.h"
#include "net/detector_net.h"
#include "net/export.h"
#include "net/start.h"
#include "page/face_page.h"
#include "page/sets_page.h"
#include "readers/readers.h"
#include "train/device_of.h"
#include "train/distributed.h"
#include "train/face_loss.h"
#include "train/finite.h"
#include "train/task.h"

namespace fkp {
namespace {

constexpr float kBlack = -1, kWhite = 1;
constexpr float kUncalibrated = 0.5f;   // score that counts as sure where nothing says otherwise: it stays what it is
constexpr int kFitEvery = 8;            // one face in so many is enough to fit a shift and a scale
constexpr float kLargestFace = 0.625f;  // of a training picture's side: largest face found as reliably as smaller ones (docs/detector.md)

/// A recipe's set, ready to be drawn from.
struct Set {
  std::string name;
  float unlabelled = 0, weight = 1;
  bool boxes = false;  // a list of boxes in whole pictures; else crops around one face each
  std::vector<Picture> train, validation;
  std::vector<Refusal> refused;
};

/// Reserves every report_every-th picture of a list for reports, and some of the rest for validation: with all pictures of their
/// groups, in any set (a crop of a picture shows what the picture shows).
std::vector<Set> read_sets(const Recipe& recipe) {
  std::vector<Set> sets;
  std::vector<std::vector<Picture>> all;
  std::set<std::string> reported, groups;
  for (const DataSource& source : recipe.sets) {
    sets.push_back({source.set, source.unlabelled, source.weight, is_list_of_boxes(source.set), {}, {}, {}});
    PictureSet read = read_faces(source.set, recipe.root);
    sets.back().refused = std::move(read.refused);
    all.push_back(std::move(read.pictures));
    if (!sets.back().boxes) continue;
    for (std::size_t i = 0; i < all.back().size(); i++) {
      const bool report = recipe.report_every > 0 && i % static_cast<std::size_t>(recipe.report_every) == 0;
      (report ? reported : groups).insert(all.back()[i].group);
    }
  }
  const int all_groups = static_cast<int>(groups.size()), held = static_cast<int>(std::lround(recipe.validation * all_groups));
  const auto validation = some_of(groups, std::min(std::max(held, 1), all_groups), recipe.seed);
  std::size_t train = 0, validated = 0;
  for (std::size_t i = 0; i < sets.size(); i++) {
    for (Picture& picture : all[i]) {
      if (reported.count(picture.group)) continue;
      if (!validation.count(picture.group))
        sets[i].train.push_back(std::move(picture));
      else if (sets[i].boxes)
        sets[i].validation.push_back(std::move(picture));
    }
    train += sets[i].train.size();
    validated += sets[i].validation.size();
  }
  if (train == 0 || validated == 0)
    throw Error(ErrorKind::unreadable, "task \"faces\" needs a list of boxes with pictures to train on and to hold out");
  spdlog::info("{} pictures to train on, {} to validate, those of {} groups left to reports", train, validated, reported.size());
  return sets;
}

/// The description of this recipe's network, as far as known before training.
DetectorDescription description_of(const Recipe& recipe) {
  DetectorDescription d;
  d.name = recipe.file.stem().string();
  d.scheme = recipe.scheme;
  d.longest = recipe.detector.longest;
  d.largest_face = static_cast<int>(kLargestFace * static_cast<float>(recipe.detector.input));
  d.range_black = kBlack;
  d.range_white = kWhite;
  d.strides.assign(std::begin(kDetectorStrides), std::end(kDetectorStrides));
  return d;
}

class FaceTask : public Task {
 public:
  FaceTask(const Recipe& recipe, const Workers& workers)
      : recipe_(recipe), workers_(workers), description_(description_of(recipe)), sets_(read_sets(recipe)) {
    for (const Set& set : sets_) often_.push_back(static_cast<double>(set.weight) * static_cast<double>(set.train.size()));
    workers.require_same(data_size().train, "pictures");
  }

  std::shared_ptr<torch::nn::Module> make_network() const override {
    return std::make_shared<DetectorNetImpl>(recipe_.detector, recipe_.scheme.size());
  }
  void start(torch::nn::Module& network) const override {
    if (!recipe_.detector.start.empty()) start_from(network, {"heads"}, recipe_.detector.start);
  }
  DataSize data_size() const override {
    DataSize size;
    for (const Set& set : sets_) {
      size.train += set.train.size();
      size.held_out += set.validation.size();
    }
    return size;
  }
  int batches() const override { return std::max(1, recipe_.train.pictures / (recipe_.train.batch * workers_.size())); }
  std::function<Step(int)> epoch(int number) const override {
    return [this, number](int index) { return make_step(number, index); };
  }
  Verdict validate(torch::nn::Module& network) override;
  std::vector<Column> columns() const override;
  std::string in_words(double error) const override { return cv::format("validation AP %.3f", 1 - error); }
  void write_model(torch::nn::Module& network, int epochs, const std::filesystem::path& file) override;
  void show_data(Page& page) const override;
  void show_results(Page& page) const override;

 private:
  std::vector<Scene> make_scenes(int epoch, int index) const;
  Step make_step(int epoch, int index) const;
  Source draw(Rng& rng) const;
  std::vector<FoundFace> find(DetectorNetImpl& network, const cv::Mat& grey, SearchScratch& scratch) const;
  void fit_face_box(DetectorNetImpl& network, DetectorDescription& description) const;

  const Recipe& recipe_;
  const Workers& workers_;
  const DetectorDescription description_;
  const std::vector<Set> sets_;
  std::vector<double> often_;  // relative frequency with which each set is drawn from
  std::vector<DetectionSummary> last_;
  std::vector<std::vector<PictureResult>> results_;  // of the last validation, per list
  std::optional<float> sure_;                        // score at one false box per ten pictures: calibrated to 0.5 in the model
};

Source FaceTask::draw(Rng& rng) const {
  const Set& set = sets_[std::discrete_distribution<std::size_t>(often_.begin(), often_.end())(rng)];
  return {&any_of(rng, set.train), set.unlabelled};
}

std::vector<Scene> FaceTask::make_scenes(int epoch, int index) const {
  const int size = recipe_.detector.input, batch = recipe_.train.batch * workers_.size();
  std::vector<Scene> scenes;
  for (int i = workers_.rank(); i < batch; i += workers_.size()) {
    std::seed_seq seeds{recipe_.seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(index * batch + i)};
    Rng rng(seeds);
    scenes.push_back(make_scene([this](Rng& r) { return draw(r); }, recipe_.scenes, recipe_.augment, recipe_.scheme, size, rng));
  }
  return scenes;
}

Step FaceTask::make_step(int epoch, int index) const {
  const int size = recipe_.detector.input, batch = recipe_.train.batch;
  return [this, scenes = make_scenes(epoch, index), size, batch](torch::nn::Module& network) {
    auto pictures = torch::empty({batch, 1, size, size});
    for (int i = 0; i < batch; i++) {
      cv::Mat slot(size, size, CV_32F, pictures[i].data_ptr<float>());
      scenes[static_cast<std::size_t>(i)].pixels.convertTo(slot, CV_32F, (kWhite - kBlack) / 255, kBlack);
    }
    return face_loss(dynamic_cast<DetectorNetImpl&>(network).forward(pictures.to(device_of(network))), scenes, workers_);
  };
}

std::vector<FoundFace> FaceTask::find(DetectorNetImpl& network, const cv::Mat& grey, SearchScratch& scratch) const {
  const auto maps = [&](const torch::Tensor& picture) {
    auto output = network.forward(picture.to(device_of(network)));
    require_finite(output);
    return output;
  };
  return find_faces(maps, description_, {grey}, description_.longest, kLeastScore, scratch);
}

Verdict FaceTask::validate(torch::nn::Module& module) {
  auto& network = dynamic_cast<DetectorNetImpl&>(module);
  std::vector<PictureResult> all;
  SearchScratch scratch;
  Verdict verdict;
  int sets = 0;
  last_.clear();
  results_.clear();
  for (const Set& set : sets_) {
    if (!set.boxes) continue;
    std::vector<PictureResult> results;
    for (const Picture& picture : set.validation) results.push_back({picture.faces, find(network, picture.grey, scratch)});
    last_.push_back(detection_summary(results));
    const bool any = !results.empty();
    verdict.columns.push_back(any ? last_.back().ap : std::nan(""));
    verdict.columns.push_back(any ? last_.back().recall_fppi01 : std::nan(""));
    results_.push_back(results);
    if (!any) continue;
    verdict.error += 1 - last_.back().ap;
    sets++;
    std::move(results.begin(), results.end(), std::back_inserter(all));
  }
  verdict.error /= sets;  // so that a large set does not decide alone
  sure_ = detection_summary(all).score_to_calibrate();
  return verdict;
}

std::vector<Column> FaceTask::columns() const {
  std::vector<Column> columns;
  for (const Set& set : sets_) {
    if (!set.boxes) continue;
    columns.push_back({"ap " + set.name, "Validation AP"});
    columns.push_back({"recall " + set.name, "Recall at 0.1 false boxes a picture"});
  }
  return columns;
}

void FaceTask::show_data(Page& page) const {
  std::vector<SetCount> counts;
  for (const Set& set : sets_) counts.push_back({set.name, set.train.size(), set.validation.size(), set.refused});
  show_sets(counts, "pictures", page);
  show_scenes(make_scenes(0, 0), recipe_.scheme, page);
}

void FaceTask::show_results(Page& page) const {
  std::vector<HeldOut> lists;
  for (const Set& set : sets_)
    if (set.boxes) lists.push_back({set.name, set.validation, results_[lists.size()]});
  show_detections(lists, sure_.value_or(kUncalibrated), page);
}

/// Fits the mean shift and scale from the network's boxes to the squares around the points, on faces of the training data.
void FaceTask::fit_face_box(DetectorNetImpl& network, DetectorDescription& d) const {
  SearchScratch scratch;
  double x = 0, y = 0, log_side = 0;
  int count = 0;
  for (const Set& set : sets_) {
    if (set.boxes) continue;
    for (std::size_t i = 0; i < set.train.size(); i += kFitEvery) {
      const Picture& picture = set.train[i];
      for (const FoundFace& face : find(network, picture.grey, scratch)) {
        if (face.score < sure_.value_or(kUncalibrated) || iou(face.box, picture.faces[0]) < 0.5f) continue;
        const cv::Rect2f &box = face.box, &square = picture.squares[0];
        x += (square.x + square.width / 2 - box.x) / box.width - 0.5;
        y += (square.y + square.height / 2 - box.y) / box.height - 0.5;
        log_side += std::log(square.width / std::sqrt(box.area()));
        count++;
        break;
      }
    }
  }
  if (count == 0) return;
  d.shift_x = static_cast<float>(x / count);
  d.shift_y = static_cast<float>(y / count);
  d.side = static_cast<float>(std::exp(log_side / count));
}

void FaceTask::write_model(torch::nn::Module& module, int epochs, const std::filesystem::path& file) {
  auto& network = dynamic_cast<DetectorNetImpl&>(module);
  DetectorDescription d = description_;
  fit_face_box(network, d);
  nlohmann::ordered_json training{{"recipe", recipe_.file.filename().string()}, {"seed", recipe_.seed}, {"epochs", epochs}};
  for (const DataSource& s : recipe_.sets) training["sets"].push_back(s.set);
  for (const DetectionSummary& s : last_)
    training["validation"].push_back({{"images", s.images}, {"faces", s.faces}, {"ap", s.ap}, {"recall_fppi01", s.recall_fppi01}});
  if (!sure_) spdlog::warn("no face is found before one box in ten pictures is wrong: scores stay as the network gives them");
  const float sure = sure_.value_or(kUncalibrated);
  training["score_before_calibration"] = sure;
  d.training = training.dump();
  DetectorNetImpl calibrated(recipe_.detector, recipe_.scheme.size());
  calibrated.take(network);
  calibrated.lower_scores(std::log(sure / (1 - sure)));
  const auto forward = [&](const torch::Tensor& pictures) -> c10::IValue {
    const auto maps = calibrated.forward(pictures);
    return c10::ivalue::Tuple::create(std::vector<c10::IValue>(maps.begin(), maps.end()));
  };
  const int size = recipe_.detector.input;
  write_traced(calibrated, torch::zeros({1, 1, size, size}), forward, to_json(d), file, torch::kHalf);
}

}  // namespace

std::unique_ptr<Task> make_face_task(const Recipe& recipe, const Workers& workers) { return std::make_unique<FaceTask>(recipe, workers); }

}  // namespace fkp
