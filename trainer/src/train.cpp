// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train.h"

#include <ATen/Parallel.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "fkp/model.h"
#include "loader.h"
#include "metrics.h"
#include "net.h"
#include "programs/progress.h"
#include "readers.h"
#include "whole_file.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

constexpr int kEvaluationBatch = 64;
constexpr double kWarmupStart = 0.05, kCosineEnd = 0.01;  // of the learning rate

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

struct Split {
  std::vector<Sample> train, validation;
};

void tell(const std::string& source, std::size_t count, const char* what, const std::vector<Refusal>& refused) {
  spdlog::info("{}: {} {}, {} refused", source, count, what, refused.size());
  for (const Refusal& r : refused) spdlog::warn("{}: {}", r.where, r.reason);
}

std::vector<Picture> read_backgrounds(const Recipe& recipe) {
  std::vector<Picture> all;
  for (const std::string& source : recipe.backgrounds) {
    PictureSet set = read_pictures(source, recipe.root);
    tell(source, set.pictures.size(), "pictures", set.refused);
    std::move(set.pictures.begin(), set.pictures.end(), std::back_inserter(all));
  }
  return all;
}

/// Holds out whole groups (people, pictures). Which ones depends on their names and the seed alone.
Split read_and_split(const Recipe& recipe, const Scheme& scheme) {
  std::vector<Sample> all;
  for (std::size_t i = 0; i < recipe.sets.size(); i++) {
    const DataSource& source = recipe.sets[i];
    Dataset data = read_dataset(source.set, recipe.root, scheme);
    tell(source.set, data.samples.size(), "faces", data.refused);
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
  Split split;
  for (Sample& s : all) (held_out.count(s.group) ? split.validation : split.train).push_back(std::move(s));
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
  const auto truth = tensor_of(b.points, {b.count, points, 2});
  const auto weight = tensor_of(b.weight, {b.count});
  const auto face = tensor_of(b.face, {b.count});
  const auto per_face = wing(out.points - truth, spec.wing_width, spec.wing_curvature).sum(2).mean(1) +
                        spec.map_shape * map_loss(out, truth, spec.map_sigma).mean(1);
  const auto total = weight.sum().clamp_min(1e-6);
  // A confidence is the expected exp(−error / 2 % of the crop): what the maps cannot know of their own sharpness.
  const auto certainty = torch::exp(-(out.points.detach() - truth).norm(2, 2) / (0.02 * input));
  const auto doubt = torch::binary_cross_entropy_with_logits(out.confidence, certainty, {}, {}, at::Reduction::None).mean(1);
  const auto score = torch::binary_cross_entropy_with_logits(out.score, face, {}, {}, at::Reduction::Mean);
  return ((per_face + doubt) * weight).sum() / total + score;
}

struct Validation {
  double nme = 0;                ///< mean over the sets that have faces held out, so that a large set does not choose alone
  std::vector<Summary> sets;     ///< in the recipe's order
  Summary points;                ///< of all faces
  double refused = 0, kept = 0;  // percent: background crops scored below 0.5, faces at 0.5 or more
};

class Training {
 public:
  Training(const Recipe& recipe, fs::path folder)
      : recipe_(recipe),
        scheme_(recipe.scheme),
        folder_(std::move(folder)),
        split_(read_and_split(recipe, scheme_)),
        backgrounds_(read_backgrounds(recipe)) {
    quotas_.resize(recipe.sets.size());
    for (const Sample& s : split_.train) quotas_[s.set]++;
    for (std::size_t i = 0; i < quotas_.size(); i++) {
      if (quotas_[i] > 0) quotas_[i] = std::max(1, static_cast<int>(std::lround(static_cast<float>(quotas_[i]) * recipe.sets[i].share)));
      drawn_ += quotas_[i];
    }
    torch::manual_seed(static_cast<std::int64_t>(recipe.seed));
    at::set_num_threads(recipe.train.threads > 0 ? recipe.train.threads : cores());
    net_ = SoftArgmaxNet(recipe.network, scheme_.size());
    average_ = SoftArgmaxNet(recipe.network, scheme_.size());
    copy_average(0);
    for (auto& p : net_->parameters())  // oneDNN trains a fifth faster in this layout
      if (p.dim() == 4) p.set_data(p.contiguous(at::MemoryFormat::ChannelsLast));
    optimizer_ = std::make_unique<torch::optim::AdamW>(net_->parameters(),
                                                       torch::optim::AdamWOptions(recipe.train.lr).weight_decay(recipe.train.weight_decay));
  }

  void run(bool resume, const std::function<bool(int)>& stop);

 private:
  Batch make_batch(int epoch, const std::vector<int>& order, int index) const;
  Crop negative_crop(const Sample& sample, Rng& rng) const;
  double run_epoch(int epoch, Progress& progress);
  Validation validate();
  void copy_average(double decay);
  double lr_at(double epoch) const;
  void save_checkpoint(int next_epoch);
  int load_checkpoint();
  std::string description(const Validation& v, int epoch) const;
  std::vector<int> drawn(int epoch) const;
  int batches() const { return std::max(1, drawn_ / recipe_.train.batch); }
  int input() const { return recipe_.network.input; }

  const Recipe& recipe_;
  const Scheme& scheme_;
  const fs::path folder_;
  const Split split_;
  const std::vector<Picture> backgrounds_;
  SoftArgmaxNet net_{nullptr}, average_{nullptr};
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::vector<int> quotas_;  // samples of each set that an epoch draws
  int drawn_ = 0;            // their sum
  std::int64_t step_ = 0;
  double best_ = 1e9;
};

/// The epoch's samples: all, shuffled, or of a set the share that its recipe draws.
std::vector<int> Training::drawn(int epoch) const {
  std::vector<int> order, left = quotas_;
  for (int i : shuffled(static_cast<int>(split_.train.size()), recipe_.seed, epoch))
    if (left[split_.train[i].set]-- > 0) order.push_back(i);
  return order;
}

/// A sample of the epoch's order, or a crop without a face: each by a generator of its own, so that threads change nothing.
Batch Training::make_batch(int epoch, const std::vector<int>& order, int index) const {
  Batch batch;
  for (int i = 0; i < recipe_.train.batch && index * recipe_.train.batch + i < static_cast<int>(order.size()); i++) {
    const int position = index * recipe_.train.batch + i;
    const Sample& sample = split_.train[order[position]];
    std::seed_seq seeds{recipe_.seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(position)};
    Rng rng(seeds);
    const bool negative = std::uniform_real_distribution<double>(0, 1)(rng) < recipe_.train.negatives;
    append(batch, negative ? negative_crop(sample, rng) : augmented_crop(sample, scheme_, recipe_.augment, recipe_.network, rng),
           recipe_.sets[sample.set].weight);
  }
  return batch;
}

Crop Training::negative_crop(const Sample& sample, Rng& rng) const {
  std::optional<Crop> background;
  if (std::uniform_int_distribution<>(0, 1)(rng)) {
    const bool own = backgrounds_.empty();
    const auto any = std::uniform_int_distribution<std::size_t>(0, own ? 0 : backgrounds_.size() - 1)(rng);
    background = background_crop(own ? picture_of(sample) : backgrounds_[any], recipe_.augment, recipe_.network, rng);
  }
  if (background) background->points.resize(scheme_.size());
  return background ? *background : misplaced_crop(sample, recipe_.augment, recipe_.network, rng);
}

double Training::lr_at(double epoch) const {
  const TrainSpec& t = recipe_.train;
  if (epoch < t.warmup) return t.lr * (kWarmupStart + (1 - kWarmupStart) * epoch / t.warmup);
  const double way = (epoch - t.warmup) / std::max(1, t.epochs - t.warmup);
  return t.lr * (kCosineEnd + (1 - kCosineEnd) * 0.5 * (1 + std::cos(M_PI * way)));
}

void Training::copy_average(double decay) {
  const torch::NoGradGuard no_grad;
  const auto blend = [&](std::vector<torch::Tensor> to, std::vector<torch::Tensor> from) {
    for (std::size_t i = 0; i < to.size(); i++) {
      if (to[i].is_floating_point())
        to[i].mul_(decay).add_(from[i], 1 - decay);
      else
        to[i].copy_(from[i]);
    }
  };
  blend(average_->parameters(), net_->parameters());
  blend(average_->buffers(), net_->buffers());
}

double Training::run_epoch(int epoch, Progress& progress) {
  const auto order = drawn(epoch);
  Loader loader(batches(), cores(), [&](int i) { return make_batch(epoch, order, i); });
  net_->train();
  double sum = 0;
  for (int i = 0; i < batches(); i++) {
    const Batch batch = loader.next();
    for (auto& group : optimizer_->param_groups()) group.options().set_lr(lr_at(epoch + static_cast<double>(i) / batches()));
    optimizer_->zero_grad();
    const auto loss = loss_of(net_->forward(crops_of(batch, input())), batch, scheme_.size(), recipe_.train, input());
    loss.backward();
    optimizer_->step();
    step_++;
    copy_average(std::min(recipe_.train.ema, static_cast<double>(1 + step_) / static_cast<double>(10 + step_)));
    sum += loss.item<double>();
    if (!std::isfinite(sum))
      throw std::runtime_error("the loss is no number any more in epoch " + std::to_string(epoch + 1) +
                               ": lower [train] lr (what an earlier epoch wrote is kept)");
    progress.update((epoch + static_cast<double>(i + 1) / batches()) / recipe_.train.epochs,
                    "epoch " + std::to_string(epoch + 1) + "/" + std::to_string(recipe_.train.epochs) + "  loss " +
                        std::to_string(sum / (i + 1)).substr(0, 6));
  }
  return sum / batches();
}

Validation Training::validate() {
  const torch::NoGradGuard no_grad;
  average_->eval();
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
    const NetOutput out = average_->forward(crops_of(faces, input()));
    const auto points = out.points.contiguous();
    for (std::size_t i = 0; i < truth.size(); i++) {
      const auto* xy = points[static_cast<std::int64_t>(i)].data_ptr<float>();
      Points found;
      for (int k = 0; k < scheme_.size(); k++, xy += 2) found.push_back({xy[0], xy[1]});
      errors.push_back(nme(found, truth[i], scheme_));
      of_set[split_.validation[first + i].set].push_back(errors.back());
    }
    kept += out.score.ge(0).sum().item<int>();
    if (background.count == 0) continue;
    backgrounds += background.count;
    refused += average_->forward(crops_of(background, input())).score.lt(0).sum().item<int>();
  }
  Validation v;
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

void Training::save_checkpoint(int next_epoch) {
  torch::serialize::OutputArchive archive, net, average, optimizer;
  net_->save(net);
  average_->save(average);
  optimizer_->save(optimizer);
  archive.write("net", net);
  archive.write("average", average);
  archive.write("optimizer", optimizer);
  archive.write("state", torch::tensor({static_cast<double>(next_epoch), static_cast<double>(step_), best_}, torch::kDouble));
  write_whole(folder_ / "checkpoint.pt", [&](const std::string& file) { archive.save_to(file); });
}

int Training::load_checkpoint() {
  const fs::path file = folder_ / "checkpoint.pt";
  if (!fs::exists(file)) throw Error(ErrorKind::not_found, "there is no " + file.string() + " to resume from");
  torch::serialize::InputArchive archive, net, average, optimizer;
  torch::Tensor state;
  try {
    archive.load_from(file.string());
    archive.read("net", net);
    archive.read("average", average);
    archive.read("optimizer", optimizer);
    net_->load(net);
    average_->load(average);
    optimizer_->load(optimizer);
    archive.read("state", state);
  } catch (const c10::Error& e) {
    throw Error(ErrorKind::unreadable, file.string() + " is no checkpoint of this recipe: " + e.what_without_backtrace());
  }
  const auto* values = state.data_ptr<double>();
  step_ = static_cast<std::int64_t>(values[1]);
  best_ = values[2];
  return static_cast<int>(values[0]);
}

std::string Training::description(const Validation& v, int epoch) const {
  nlohmann::ordered_json training{{"recipe", recipe_.file.filename().string()}, {"seed", recipe_.seed}, {"epochs", epoch}};
  for (const DataSource& s : recipe_.sets) training["sets"].push_back(s.set);
  training["faces"] = split_.train.size();
  training["validation"] = {{"faces", v.points.faces}, {"nme", v.nme}, {"boxes", "square around the annotated points"}};
  return to_json(ModelDescription{recipe_.file.stem().string(), scheme_, input(), -1, 1, recipe_.network.margin, 1, 0, training.dump()});
}

void Training::run(bool resume, const std::function<bool(int)>& stop) {
  const int first = resume ? load_checkpoint() : 0;
  std::ofstream(folder_ / "recipe.toml") << recipe_.text;
  std::ofstream log(folder_ / "log.csv", resume ? std::ios::app : std::ios::trunc);
  if (!resume) {
    log << "epoch,lr,loss,nme,fr8,faces_kept,background_refused";
    for (const DataSource& set : recipe_.sets) log << ',' << set.set;
    log << '\n';
  }
  Progress progress("training", static_cast<double>(first) / recipe_.train.epochs);
  for (int epoch = first; epoch < recipe_.train.epochs; epoch++) {
    const double loss = run_epoch(epoch, progress);
    const Validation v = validate();
    log << epoch + 1 << ',' << lr_at(epoch + 1) << ',' << loss << ',' << v.nme << ',' << v.points.fr8 << ',' << v.kept << ',' << v.refused;
    for (const Summary& set : v.sets) log << ',' << set.mean;
    log << std::endl;
    if (!log) throw Error(ErrorKind::unwritten, "cannot write " + (folder_ / "log.csv").string() + ": is the disk full?");
    if (v.nme < best_) {
      best_ = v.nme;
      export_network(average_, input(), description(v, epoch + 1), folder_ / "model.pt");
    }
    save_checkpoint(epoch + 1);
    if (stop && epoch + 1 < recipe_.train.epochs && stop(epoch + 1)) {
      progress.end_line();
      spdlog::warn("stopped after epoch {}; go on with --resume", epoch + 1);
      return;
    }
  }
  progress.finish("best validation NME " + std::to_string(best_).substr(0, 5) + " %: " + (folder_ / "model.pt").string());
}

}  // namespace

void train(const Recipe& recipe, const fs::path& folder, bool resume, const std::function<bool(int)>& stop) {
  if (!resume && fs::exists(folder / "checkpoint.pt"))
    throw Error(ErrorKind::unwritable, folder.string() + " holds a run already: go on with --resume, or name another folder with -o");
  fs::create_directories(folder);
  Training(recipe, folder).run(resume, stop);
}

}  // namespace fkp
