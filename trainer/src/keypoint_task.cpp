// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "augment.h"
#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "fkp/model.h"
#include "loader.h"
#include "metrics.h"
#include "net.h"
#include "page/keypoint_page.h"
#include "page/sets_page.h"
#include "readers/readers.h"
#include "task.h"

namespace fkp {
namespace {

constexpr int kEvaluationBatch = 64;

/// Crops side by side, as the network takes them.
struct Batch {
  int count = 0;
  std::vector<std::uint8_t> pixels;  // [count, input, input]
  std::vector<float> points;         // [count, points, 2], crop pixels
  std::vector<float> weight;         // [count], of the points' loss; 0 where there is no face
  std::vector<float> face;           // [count], 1 where there is a face
};

void append(Batch& batch, const Crop& crop, float weight) {
  batch.count++;
  batch.pixels.insert(batch.pixels.end(), crop.pixels.datastart, crop.pixels.dataend);
  for (const Point& p : crop.points) batch.points.insert(batch.points.end(), {p.x, p.y});
  batch.weight.push_back(crop.face ? weight : 0.f);
  batch.face.push_back(crop.face ? 1.f : 0.f);
}

struct Split {
  std::vector<Sample> train, validation;
  std::vector<SetCount> counts;  // in the recipe's order
};

/// Holds out whole groups (people, pictures). Which ones depends on their names and the seed alone.
Split read_and_split(const Recipe& recipe, const Scheme& scheme) {
  std::vector<Sample> all;
  Split split;
  for (std::size_t i = 0; i < recipe.sets.size(); i++) {
    const DataSource& source = recipe.sets[i];
    Dataset data = read_dataset(source.set, recipe.root, scheme);
    tell(source.set, data.samples.size(), "faces", data.refused);
    split.counts.push_back({source.set, 0, 0, data.refused});
    for (Sample& s : data.samples) {
      s.set = static_cast<int>(i);
      all.push_back(std::move(s));
    }
  }
  std::set<std::string> names;
  for (const Sample& s : all) names.insert(s.group);
  const std::vector<std::string> groups(names.begin(), names.end());
  const int held = std::max(1, static_cast<int>(std::lround(recipe.validation * static_cast<double>(groups.size()))));
  const auto order = shuffled(static_cast<int>(groups.size()), recipe.seed, -1);
  std::set<std::string> held_out;
  for (int i = 0; i < held; i++) held_out.insert(groups[order[i]]);
  for (Sample& s : all) {
    const bool held_out_too = held_out.count(s.group) > 0;
    (held_out_too ? split.counts[s.set].validation : split.counts[s.set].train)++;
    (held_out_too ? split.validation : split.train).push_back(std::move(s));
  }
  if (split.train.empty()) throw Error(ErrorKind::unreadable, "all samples are of one group: nothing is left to train on");
  spdlog::info("{} faces to train on, {} of other people and pictures to validate", split.train.size(), split.validation.size());
  return split;
}

torch::Tensor crops_of(const Batch& b, int input) {
  const auto bytes = torch::from_blob(const_cast<std::uint8_t*>(b.pixels.data()), {b.count, 1, input, input}, torch::kUInt8);
  return bytes.to(torch::kFloat).div_(127.5).sub_(1);
}

torch::Tensor tensor_of(const std::vector<float>& values, torch::IntArrayRef shape) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat).clone();
}

/// Wing loss of each coordinate: logarithmic near zero, linear beyond `w` (Feng et al., CVPR 2018, equation 5).
torch::Tensor wing(const torch::Tensor& error, double w, double curvature) {
  const auto size = error.abs();
  const double offset = w - w * std::log(1 + w / curvature);
  return torch::where(size < w, w * torch::log1p(size / curvature), size - offset);
}

/// Cross entropy [N, K] of the maps with a Gaussian around the truth of `sigma` crop pixels: keeps a map in one piece
/// (Nibali et al., 2018, section 3.3, with the Kullback–Leibler divergence).
torch::Tensor map_loss(const NetOutput& out, const torch::Tensor& truth, double sigma) {
  const auto square = (truth.unsqueeze(3) - out.grid).square().sum(2);  // [N, K, cells]
  const auto target = (square / (-2 * sigma * sigma)).softmax(2);
  return -(target * out.log_maps).sum(2);
}

torch::Tensor loss_of(const NetOutput& out, const Batch& b, int points, const TrainSpec& spec, int input) {
  const auto labels = tensor_of(b.points, {b.count, points, 2});
  const auto known = labels.isfinite().all(2).to(torch::kFloat);  // [N, K]
  const auto truth = labels.nan_to_num();
  // The mean over a face's known points of what is [N, K].
  const auto mean = [count = known.sum(1).clamp_min(1), &known](const torch::Tensor& of) { return (of * known).sum(1) / count; };
  const auto weight = tensor_of(b.weight, {b.count});
  const auto face = tensor_of(b.face, {b.count});
  const auto per_face = mean(wing(out.points - truth, spec.wing_width, spec.wing_curvature).sum(2)) +
                        spec.map_shape * mean(map_loss(out, truth, spec.map_sigma));
  const auto total = weight.sum().clamp_min(1e-6);
  // A confidence is the expected exp(−error / 2 % of the crop): what the maps cannot know of their own sharpness.
  const auto certainty = torch::exp(-(out.points.detach() - truth).norm(2, 2) / (0.02 * input));
  const auto doubt = mean(torch::binary_cross_entropy_with_logits(out.confidence, certainty, {}, {}, at::Reduction::None));
  const auto score = torch::binary_cross_entropy_with_logits(out.score, face, {}, {}, at::Reduction::Mean);
  return ((per_face + doubt) * weight).sum() / total + score;
}

struct Validation {
  double nme = 0;             ///< mean over the sets that have faces held out, so that a large set does not choose alone
  std::vector<Summary> sets;  ///< in the recipe's order
  Summary points;             ///< of all faces
  std::vector<Prediction> predictions;
  double refused = 0, kept = 0;  // percent: background crops scored below 0.5, faces at 0.5 or more
};

class KeypointTask : public Task {
 public:
  explicit KeypointTask(const Recipe& recipe)
      : recipe_(recipe),
        scheme_(recipe.scheme),
        split_(read_and_split(recipe, scheme_)),
        backgrounds_(read_all_pictures(recipe.backgrounds, recipe.root)) {
    quotas_.resize(recipe.sets.size());
    for (const Sample& s : split_.train) quotas_[s.set]++;
    for (std::size_t i = 0; i < quotas_.size(); i++) {
      if (quotas_[i] > 0) quotas_[i] = std::max(1, static_cast<int>(std::lround(static_cast<float>(quotas_[i]) * recipe.sets[i].share)));
      drawn_ += quotas_[i];
    }
  }

  std::shared_ptr<torch::nn::Module> make_network() const override {
    return std::make_shared<SoftArgmaxNetImpl>(recipe_.network, scheme_.size());
  }
  int batches() const override { return std::max(1, drawn_ / recipe_.train.batch); }
  std::function<Step(int)> epoch(int number) const override;
  Verdict validate(torch::nn::Module& network) override;
  std::vector<Column> columns() const override;
  std::string in_words(double error) const override { return "validation NME " + std::to_string(error).substr(0, 5) + " %"; }
  void write_model(torch::nn::Module& network, int epochs, const std::filesystem::path& file) override {
    export_network(dynamic_cast<SoftArgmaxNetImpl&>(network), input(), description(epochs), file);
  }
  void show_data(Page& page) const override;
  void show_results(Page& page) const override {
    const auto pixels = [this](std::size_t i) { return plain_crop(split_.validation[i], recipe_.network).pixels; };
    show_predictions(last_.predictions, scheme_, pixels, page);
  }

 private:
  Batch make_batch(int epoch, const std::vector<int>& order, int index) const;
  Crop make_crop(const Sample& sample, int epoch, int position) const;
  Crop negative_crop(const Sample& sample, Rng& rng) const;
  Validation measure(SoftArgmaxNetImpl& network) const;
  std::string description(int epochs) const;
  std::vector<int> drawn(int epoch) const;
  int input() const { return recipe_.network.input; }

  const Recipe& recipe_;
  const Scheme& scheme_;
  const Split split_;
  const std::vector<Picture> backgrounds_;
  std::vector<int> quotas_;  // samples of each set that an epoch draws
  int drawn_ = 0;            // their sum
  Validation last_;
};

/// The epoch's samples: all, shuffled, or of a set the share that its recipe draws.
std::vector<int> KeypointTask::drawn(int epoch) const {
  std::vector<int> order, left = quotas_;
  for (int i : shuffled(static_cast<int>(split_.train.size()), recipe_.seed, epoch))
    if (left[split_.train[i].set]-- > 0) order.push_back(i);
  return order;
}

/// The sample, or a crop without a face: each by a generator of its own, so that threads change nothing.
Crop KeypointTask::make_crop(const Sample& sample, int epoch, int position) const {
  std::seed_seq seeds{recipe_.seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(position)};
  Rng rng(seeds);
  const bool negative = std::uniform_real_distribution<double>(0, 1)(rng) < recipe_.train.negatives;
  return negative ? negative_crop(sample, rng) : augmented_crop(sample, scheme_, recipe_.augment, recipe_.network, rng);
}

/// The samples of the epoch's order.
Batch KeypointTask::make_batch(int epoch, const std::vector<int>& order, int index) const {
  Batch batch;
  for (int i = 0; i < recipe_.train.batch && index * recipe_.train.batch + i < static_cast<int>(order.size()); i++) {
    const int position = index * recipe_.train.batch + i;
    const Sample& sample = split_.train[order[position]];
    append(batch, make_crop(sample, epoch, position), recipe_.sets[sample.set].weight);
  }
  return batch;
}

Crop KeypointTask::negative_crop(const Sample& sample, Rng& rng) const {
  std::optional<Crop> background;
  if (std::uniform_int_distribution<>(0, 1)(rng)) {
    const bool own = backgrounds_.empty();
    const auto any = std::uniform_int_distribution<std::size_t>(0, own ? 0 : backgrounds_.size() - 1)(rng);
    background = background_crop(own ? picture_of(sample) : backgrounds_[any], recipe_.augment, recipe_.network, rng);
  }
  if (background) background->points.resize(scheme_.size());
  return background ? *background : misplaced_crop(sample, recipe_.augment, recipe_.network, rng);
}

std::function<Step(int)> KeypointTask::epoch(int number) const {
  return [this, number, order = drawn(number)](int index) -> Step {
    return [this, batch = make_batch(number, order, index)](torch::nn::Module& network) {
      const NetOutput out = dynamic_cast<SoftArgmaxNetImpl&>(network).forward(crops_of(batch, input()));
      return loss_of(out, batch, scheme_.size(), recipe_.train, input());
    };
  };
}

std::vector<Column> KeypointTask::columns() const {
  const std::string error = "Validation NME, %";
  std::vector<Column> columns{{"nme", error},
                              {"fr8", "Faces above 8 %, %"},
                              {"faces_kept", "Faces kept by the face score, %"},
                              {"background_refused", "Backgrounds refused by the face score, %"}};
  // The error of the only set is the error.
  for (const DataSource& set : recipe_.sets) columns.push_back({set.set, recipe_.sets.size() > 1 ? error : ""});
  return columns;
}

void KeypointTask::show_data(Page& page) const {
  constexpr std::size_t kCrops = 24;
  show_sets(split_.counts, "faces", page);
  const std::vector<int> order = drawn(0);
  std::vector<Crop> crops;
  for (std::size_t i = 0; i < std::min(kCrops, order.size()); i++)
    crops.push_back(make_crop(split_.train[order[i]], 0, static_cast<int>(i)));
  show_crops(crops, scheme_, page);
}

Verdict KeypointTask::validate(torch::nn::Module& network) {
  last_ = measure(dynamic_cast<SoftArgmaxNetImpl&>(network));
  Verdict verdict{last_.nme, {last_.nme, last_.points.fr8, last_.kept, last_.refused}};
  for (const Summary& set : last_.sets) verdict.columns.push_back(set.mean);
  return verdict;
}

Validation KeypointTask::measure(SoftArgmaxNetImpl& network) const {
  Validation v;
  std::vector<double> errors;
  std::vector<std::vector<double>> of_set(recipe_.sets.size());
  int kept = 0, backgrounds = 0, refused = 0;
  Rng rng(recipe_.seed);
  for (std::size_t first = 0; first < split_.validation.size(); first += kEvaluationBatch) {
    const std::size_t last = std::min(first + kEvaluationBatch, split_.validation.size());
    Batch faces, background;
    std::vector<Points> truth;
    for (std::size_t i = first; i < last; i++) {
      const Crop crop = plain_crop(split_.validation[i], recipe_.network);
      truth.push_back(crop.points);
      append(faces, crop, 1);
      if (const auto crop = background_crop(picture_of(split_.validation[i]), {}, recipe_.network, rng)) append(background, *crop, 0);
    }
    const NetOutput out = network.forward(crops_of(faces, input()));
    const auto points = out.points.contiguous();
    for (std::size_t i = 0; i < truth.size(); i++) {
      const auto* xy = points[static_cast<std::int64_t>(i)].data_ptr<float>();
      Points found;
      for (int k = 0; k < scheme_.size(); k++, xy += 2) found.push_back({xy[0], xy[1]});
      const double error = nme(found, truth[i], scheme_);
      if (std::isnan(error)) continue;  // the points that it is measured by are not labelled
      errors.push_back(error);
      v.predictions.push_back({first + i, truth[i], found, error});
      of_set[split_.validation[first + i].set].push_back(error);
    }
    kept += out.score.ge(0).sum().item<int>();
    if (background.count == 0) continue;
    backgrounds += background.count;
    refused += network.forward(crops_of(background, input())).score.lt(0).sum().item<int>();
  }
  int sets = 0;
  for (auto& e : of_set) {
    v.sets.push_back(summarise(std::move(e)));
    v.nme += v.sets.back().mean;
    sets += v.sets.back().faces > 0;
  }
  v.nme /= sets;
  const auto n = static_cast<double>(errors.size());
  v.points = summarise(std::move(errors));
  v.refused = 100.0 * refused / std::max(backgrounds, 1);
  v.kept = 100 * kept / n;
  return v;
}

std::string KeypointTask::description(int epochs) const {
  nlohmann::ordered_json training{{"recipe", recipe_.file.filename().string()}, {"seed", recipe_.seed}, {"epochs", epochs}};
  for (const DataSource& s : recipe_.sets) training["sets"].push_back(s.set);
  training["faces"] = split_.train.size();
  training["validation"] = {{"faces", last_.points.faces}, {"nme", last_.nme}, {"boxes", "square around the annotated points"}};
  return to_json(ModelDescription{recipe_.file.stem().string(), scheme_, input(), -1, 1, recipe_.network.margin, 1, 0, training.dump()});
}

}  // namespace

std::unique_ptr<Task> make_keypoint_task(const Recipe& recipe) { return std::make_unique<KeypointTask>(recipe); }

}  // namespace fkp
