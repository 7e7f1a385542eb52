// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <opencv2/core.hpp>

#include "data/derive.h"
#include "data/keypoint_data.h"
#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "fkp/model.h"
#include "measure/metrics.h"
#include "net/point_net.h"
#include "net/start.h"
#include "page/keypoint_page.h"
#include "page/sets_page.h"
#include "programs/progress.h"
#include "readers/readers.h"
#include "train/device_of.h"
#include "train/distributed.h"
#include "train/finite.h"
#include "train/keypoint_loss.h"
#include "train/task.h"
#include "train/teacher.h"

namespace fkp {
namespace {

constexpr int kEvaluationBatch = 64;

struct Validation {
  double nme = 0;             ///< mean over the sets that have faces held out, so that a large set does not decide alone
  std::vector<Summary> sets;  ///< in the recipe's order
  Summary points;             ///< of all faces
  std::vector<Prediction> predictions;
  double refused = 0, kept = 0;  // percent: background crops scored below 0.5, faces at 0.5 or more
};

class KeypointTask : public Task {
 public:
  KeypointTask(const Recipe& recipe, const Workers& workers)
      : recipe_(with_scheme_of_data(recipe)),
        workers_(workers),
        scheme_(recipe_.scheme),
        gives_score_(recipe_.network.layers.empty()),
        teacher_(recipe_.teacher.model.empty() ? nullptr : std::make_unique<Teacher>(recipe_)),
        split_(read()),
        batches_(recipe_, split_.train, workers.rank(), workers.size(),
                 read_others(recipe_.backgrounds, recipe_, split_.validation).pictures) {
    workers.require_same(split_.train.size(), "faces");
  }

  std::shared_ptr<torch::nn::Module> make_network() const override { return make_point_net(recipe_); }
  void start(torch::nn::Module& network) const override {
    const auto& file = recipe_.network.start;
    if (!file.empty()) start_from(network, dynamic_cast<PointNet&>(network).last(), file);
  }
  DataSize data_size() const override;
  int batches() const override { return batches_.count(); }
  std::function<Step(int)> epoch(int number) const override;
  Verdict validate(torch::nn::Module& network) override;
  std::vector<Column> columns() const override;
  std::string in_words(double error) const override { return cv::format("validation NME %.2f %%", error); }
  void write_model(torch::nn::Module& network, int epochs, const std::filesystem::path& file) override {
    export_network(dynamic_cast<PointNet&>(network), recipe_.crop.size, description(epochs), file);
  }
  void show_data(Page& page) const override;
  void show_results(Page& page) const override {
    const auto pixels = [this](std::size_t i) { return plain_crop(split_.validation[i], recipe_.crop).pixels; };
    show_predictions(last_.predictions, scheme_, pixels, page);
  }

 private:
  Split read();
  torch::Tensor crops_of(const Batch& batch, torch::Device device) const;
  Validation measure(PointNet& network) const;
  std::string description(int epochs) const;

  const Recipe recipe_;
  const Workers& workers_;
  const Scheme& scheme_;
  const bool gives_score_;
  const std::unique_ptr<Teacher> teacher_;
  const Split split_;
  const Batches batches_;
  Validation last_;
};

/// The sets with points, and what the teacher sees in the others.
Split KeypointTask::read() {
  Split split = read_and_split(recipe_);
  for (std::size_t set = 0; set < recipe_.sets.size(); set++) {
    const std::string& name = recipe_.sets[set].set;
    if (!is_list_of_boxes(name)) continue;
    SetCount& count = split.counts[set];
    PictureSet others = read_others({name}, recipe_, split.validation);
    count.refused = std::move(others.refused);
    Progress progress("the teacher's points");
    std::size_t faces = 0;
    for (std::size_t i = 0; i < others.pictures.size(); i++) {
      faces += others.pictures[i].faces.size();
      for (Sample& sample : teacher_->label(others.pictures[i])) {
        sample.set = static_cast<int>(set);
        split.train.push_back(std::move(sample));
        count.train++;
      }
      if (workers_.first()) progress.update(static_cast<double>(i + 1) / static_cast<double>(others.pictures.size()), name);
    }
    if (workers_.first()) progress.finish(fmt::format("{}: {} of {} faces", name, count.train, faces));
  }
  return split;
}

torch::Tensor KeypointTask::crops_of(const Batch& b, torch::Device device) const {
  const auto bytes = torch::from_blob(const_cast<std::uint8_t*>(b.pixels.data()),
                                      {b.count, 1, recipe_.crop.size.height, recipe_.crop.size.width}, torch::kUInt8);
  const NetworkSpec& n = recipe_.network;
  // With one channel both layouts are the same; naming it here keeps all that follows in the one in which oneDNN trains faster.
  return torch::empty(bytes.sizes(), torch::TensorOptions(device), at::MemoryFormat::ChannelsLast)
      .copy_(bytes.to(device))
      .div_(255 / (n.white - n.black))
      .add_(n.black);
}

DataSize KeypointTask::data_size() const {
  DataSize size;
  for (const SetCount& count : split_.counts) {
    if (!is_list_of_boxes(count.name)) size.train += count.train;
    size.held_out += count.validation;
  }
  return size;
}

std::function<Step(int)> KeypointTask::epoch(int number) const {
  return [this, number, order = batches_.order(number)](int index) -> Step {
    Batch made = batches_.make(number, order, index);
    if (teacher_) teacher_->teach(made);
    return [this, batch = std::move(made)](torch::nn::Module& network) {
      const double weight = std::accumulate(batch.weight.begin(), batch.weight.end(), 0.), crops = batch.count;
      const std::vector<double> all = workers_.sum({weight, crops});
      const auto device = device_of(network);
      const Truth truth{tensor_of(batch.points, {batch.count, scheme_.size(), 2}, device), tensor_of(batch.weight, {batch.count}, device),
                        tensor_of(batch.face, {batch.count}, device), all[0] > 0 ? weight / all[0] : 1, crops / all[1]};
      return loss_of(dynamic_cast<PointNet&>(network).forward(crops_of(batch, device)), truth, recipe_.train, recipe_.crop.size);
    };
  };
}

std::vector<Column> KeypointTask::columns() const {
  const std::string error = "Validation NME, %";
  std::vector<Column> columns{{"nme", error}, {"fr8", "Faces above 8 %, %"}};
  if (gives_score_) {
    columns.push_back({"faces_kept", "Faces kept by the face score, %"});
    columns.push_back({"background_refused", "Backgrounds refused by the face score, %"});
  }
  // If there is only one set, its error is the overall error.
  const auto& sets = split_.validation_sets;
  const auto measured = std::count_if(sets.begin(), sets.end(), [](const std::string& set) { return !is_list_of_boxes(set); });
  for (const std::string& set : sets)
    if (!is_list_of_boxes(set)) columns.push_back({set, measured > 1 ? error : ""});
  return columns;
}

void KeypointTask::show_data(Page& page) const {
  constexpr std::size_t kCrops = 24;
  show_sets(split_.counts, "faces", page);
  const std::vector<int> order = batches_.order(0);
  std::vector<Crop> crops;
  for (std::size_t i = 0; i < std::min(kCrops, order.size()); i++)
    crops.push_back(batches_.crop(split_.train[order[i]], 0, static_cast<int>(i)));
  show_crops(crops, scheme_, page);
}

Verdict KeypointTask::validate(torch::nn::Module& network) {
  last_ = measure(dynamic_cast<PointNet&>(network));
  Verdict verdict{last_.nme, {last_.nme, last_.points.fr8}};
  if (gives_score_) verdict.columns.insert(verdict.columns.end(), {last_.kept, last_.refused});
  for (std::size_t i = 0; i < last_.sets.size(); i++)
    if (!is_list_of_boxes(split_.validation_sets[i])) verdict.columns.push_back(last_.sets[i].mean);
  return verdict;
}

/// The network's output. Throws Diverged if any of it is NaN or infinite.
NetOutput finite_output(PointNet& network, const torch::Tensor& crops) {
  NetOutput out = network.forward(crops);
  require_finite({out.points, out.score});
  return out;
}

Validation KeypointTask::measure(PointNet& network) const {
  Validation v;
  std::vector<double> errors;
  std::vector<std::vector<double>> of_set(split_.validation_sets.size());
  int kept = 0, backgrounds = 0, refused = 0;
  Rng rng(recipe_.seed);
  const auto device = device_of(network);
  for (std::size_t first = 0; first < split_.validation.size(); first += kEvaluationBatch) {
    const std::size_t last = std::min(first + kEvaluationBatch, split_.validation.size());
    Batch faces, background;
    std::vector<Crop> truth;
    for (std::size_t i = first; i < last; i++) {
      truth.push_back(plain_crop(split_.validation[i], recipe_.crop));
      faces.append(truth.back(), 1);
      if (!gives_score_) continue;
      if (const auto crop = background_crop(picture_of(split_.validation[i]), {}, recipe_.crop, rng)) background.append(*crop, 0);
    }
    const NetOutput out = finite_output(network, crops_of(faces, device));
    const auto points = out.points.cpu().contiguous();
    for (std::size_t i = 0; i < truth.size(); i++) {
      const auto* xy = points[static_cast<std::int64_t>(i)].data_ptr<float>();
      Points found;
      for (int k = 0; k < scheme_.size(); k++, xy += 2) found.push_back({xy[0], xy[1]});
      const double error = nme(found, truth[i].points, scheme_, truth[i].side);
      if (std::isnan(error)) continue;  // the points that normalise it are not labelled
      errors.push_back(error);
      v.predictions.push_back({first + i, truth[i].points, found, error, truth[i].side});
      of_set[split_.validation[first + i].set].push_back(error);
    }
    if (gives_score_) kept += out.score.ge(0).sum().item<int>();
    if (background.count == 0) continue;
    backgrounds += background.count;
    refused += finite_output(network, crops_of(background, device)).score.lt(0).sum().item<int>();
  }
  int sets = 0;
  for (auto& e : of_set) {
    const bool any = !e.empty();
    v.sets.push_back(summarise(e));
    if (!any) v.sets.back().mean = std::nan("");  // nothing of it was measured
    v.nme += any ? v.sets.back().mean : 0;
    sets += any;
  }
  if (sets == 0) throw Error(ErrorKind::unreadable, "no validation face has the points whose distance the error is measured by");
  v.nme /= sets;
  v.points = summarise(errors);
  v.refused = 100.0 * refused / std::max(backgrounds, 1);
  v.kept = 100.0 * kept / static_cast<double>(split_.validation.size());
  return v;
}

std::string KeypointTask::description(int epochs) const {
  nlohmann::ordered_json training{{"recipe", recipe_.file.filename().string()}, {"seed", recipe_.seed}, {"epochs", epochs}};
  for (const DataSource& s : recipe_.sets) training["sets"].push_back(s.set);
  if (!recipe_.teacher.model.empty())
    training["teacher"] = {{"model", recipe_.teacher.model.filename().string()}, {"weight", recipe_.teacher.weight}};
  training["faces"] = split_.train.size();
  training["validation"] = {{"faces", last_.points.faces},
                            {"nme", last_.nme},
                            {"boxes", recipe_.crop.whole_picture ? "none: whole pictures" : "square around the annotated points"}};
  const NetworkSpec& n = recipe_.network;
  return to_json(ModelDescription{recipe_.file.stem().string(), scheme_, recipe_.crop, n.black, n.white, 1, 0, training.dump(),
                                  points_to_box(split_.train, scheme_)});
}

}  // namespace

std::unique_ptr<Task> make_keypoint_task(const Recipe& recipe, const Workers& workers) {
  return std::make_unique<KeypointTask>(recipe, workers);
}

}  // namespace fkp
