// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/train.h"

#include <ATen/Parallel.h>
#include <malloc.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "fkp/core/error.h"
#include "fkp/device.h"
#include "fkp/torch_error.h"
#include "net/autocast.h"
#include "page/filters.h"
#include "programs/progress.h"
#include "recipe/recipe_changes.h"
#include "run/run_writer.h"
#include "train/begin.h"
#include "train/checkpoint.h"
#include "train/distributed.h"
#include "train/loader.h"
#include "train/muon.h"
#include "train/schedule.h"
#include "train/task.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// Each step frees its tensors, and the next one allocates as much again: with glibc's defaults the pages are returned to the
/// kernel in between, which costs a sixth of the time.
void keep_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

/// The weight of a convolution that mixes channels; the first one, with one input channel, does not.
bool is_matrix(const torch::Tensor& p) { return p.dim() == 4 && p.size(1) > 1; }

/// Running statistics of batch norm.
std::vector<torch::Tensor> statistics(const torch::nn::Module& net) {
  std::vector<torch::Tensor> found;
  for (const auto& buffer : net.named_buffers())
    if (buffer.key().find("running_") != std::string::npos) found.push_back(buffer.value());
  return found;
}

/// "cuda:0", "cpu in bfloat16".
std::string device_and_precision(const TrainSpec& placed) {
  return placed.device + (placed.precision == Precision::bf16 ? " in bfloat16" : "");
}

class Training {
 public:
  Training(const Recipe& recipe, fs::path folder, const Workers& workers)
      : recipe_(recipe),
        folder_(std::move(folder)),
        workers_(workers),
        cores_(std::max(1, cores() / workers.beside())),
        threads_(recipe.train.threads > 0 ? recipe.train.threads : cores_),
        device_(recipe.train.device),
        task_(recipe.task == TaskKind::faces ? make_face_task(recipe, workers) : make_keypoint_task(recipe, workers)) {
    torch::manual_seed(static_cast<std::int64_t>(recipe.seed));
    at::set_num_threads(threads_);
    net_ = task_->make_network();
    average_ = task_->make_network();
    for (auto* n : {net_.get(), average_.get()}) n->to(device_);
    copy_average(0);
    for (auto& p : net_->parameters())  // oneDNN trains a fifth faster in this layout, cuDNN's tensor cores ask for it
      if (p.dim() == 4) p.set_data(p.contiguous(at::MemoryFormat::ChannelsLast));
    std::vector<torch::Tensor> matrices, others;
    for (auto& p : net_->parameters()) (recipe.train.muon > 0 && is_matrix(p) ? matrices : others).push_back(p);
    muon_ = std::make_unique<Muon>(matrices, recipe.train.weight_decay);
    optimizer_ = make_optimizer(recipe.train, others);
    gradients_ = std::make_unique<GradientSum>(workers, net_->parameters());
  }

  bool run(bool resume, const std::function<bool(double)>& stop, bool tensorboard);
  void load(const fs::path& checkpoint_file) { checkpoint().load(checkpoint_file); }
  void write_model(const fs::path& file);

 private:
  void begin(bool resume);
  bool is_recorded_as_finished() const;
  bool run_epochs(RunWriter* writer, Progress& progress, const std::function<bool(double)>& stop);
  bool run_batches(Progress& progress, const std::function<bool(double)>& stop);
  void end_epoch(RunWriter* writer);
  Verdict validate();
  void write_average(const fs::path& file);
  torch::Tensor loss_of(const Step& step);
  void copy_average(double decay);
  Checkpoint checkpoint();
  RunFacts facts() const;
  std::string what_is_kept() const;

  const Recipe& recipe_;
  const fs::path folder_;
  const Workers& workers_;
  const int cores_, threads_;
  const torch::Device device_;
  const std::unique_ptr<Task> task_;
  std::shared_ptr<torch::nn::Module> net_, average_;
  std::unique_ptr<Muon> muon_;                          // for the matrices, if the recipe uses it
  std::unique_ptr<torch::optim::Optimizer> optimizer_;  // for all other weights
  std::unique_ptr<GradientSum> gradients_;
  Position position_;
};

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

torch::Tensor Training::loss_of(const Step& step) {
  const Autocast autocast(recipe_.train.precision == Precision::bf16, device_);
  return step(*net_);
}

/// Trains the rest of the current epoch; false if stopped before its end.
bool Training::run_batches(Progress& progress, const std::function<bool(double)>& stop) {
  Position& at = position_;
  const auto start = std::chrono::steady_clock::now();
  const double before = at.seconds;
  const int batches = task_->batches(), first = at.batch;
  Loader loader(batches - first, cores_, [make = task_->epoch(at.epoch), first](int i) { return make(first + i); });
  net_->train();
  while (at.batch < batches) {
    const auto asked = std::chrono::steady_clock::now();
    const Step step = loader.next();
    at.waited += seconds_since(asked);
    const double schedule = schedule_share(recipe_.train, at.epoch + static_cast<double>(at.batch) / batches);
    for (auto& group : optimizer_->param_groups()) group.options().set_lr(recipe_.train.lr * schedule);
    net_->zero_grad();
    // So that dropout differs between workers, but repeats in a resumed run.
    if (workers_.size() > 1) torch::manual_seed(static_cast<std::int64_t>(recipe_.seed) + at.step * workers_.size() + workers_.rank());
    const auto loss = loss_of(step);
    loss.backward();
    gradients_->finish();
    optimizer_->step();
    muon_->step(recipe_.train.muon * schedule);
    position_.step++;
    copy_average(std::min(recipe_.train.ema, static_cast<double>(1 + position_.step) / static_cast<double>(10 + position_.step)));
    at.loss += workers_.sum({loss.item<double>()})[0];
    at.batch++;
    at.seconds = before + seconds_since(start);
    const std::string epoch = std::to_string(at.epoch + 1);
    if (!std::isfinite(at.loss)) throw Diverged("the loss is no number any more in epoch " + epoch + ": lower [train] lr");
    const double done = at.epoch + static_cast<double>(at.batch) / batches;
    if (workers_.first())
      progress.update(done / recipe_.train.epochs, "epoch " + epoch + "/" + std::to_string(recipe_.train.epochs) + "  loss " +
                                                       std::to_string(at.loss / at.batch).substr(0, 6));
    if (at.batch < batches && stop && workers_.any(stop(done))) return false;
  }
  return true;
}

Verdict Training::validate() {
  const torch::NoGradGuard no_grad;
  average_->eval();
  return task_->validate(*average_);
}

Checkpoint Training::checkpoint() { return {*net_, *average_, *optimizer_, *muon_, position_}; }

RunFacts Training::facts() const {
  RunFacts facts = facts_of_this_machine();
  facts.recipe = recipe_.file.filename().string();
  facts.seed = recipe_.seed;
  facts.epochs = recipe_.train.epochs;
  facts.device = device_and_precision(recipe_.train);
  facts.threads = threads_;
  facts.workers = workers_.size();
  facts.columns = task_->columns();
  return facts;
}

/// What a failed run leaves behind.
std::string Training::what_is_kept() const {
  const fs::path checkpoint = folder_ / "checkpoint.pt", model = folder_ / "model.pt";
  if (!fs::exists(checkpoint)) return "; there is no checkpoint yet";
  return "; what was saved before is whole: " + checkpoint.string() + (fs::exists(model) ? ", " + model.string() : "");
}

/// The worker with the `writer` validates and saves; the others only advance to the next epoch.
void Training::end_epoch(RunWriter* writer) {
  Position& at = position_;
  const Position next{at.epoch + 1, 0, 0, 0, 0, at.step, at.best, at.workers, at.data};
  if (!writer) {
    at = next;
    return;
  }
  const auto start = std::chrono::steady_clock::now();
  const Verdict verdict = validate();
  const double validation = seconds_since(start);
  const double rate = recipe_.train.lr * schedule_share(recipe_.train, at.epoch + (at.batch - 1.) / at.batch);  // of its last batch
  writer->add_epoch(rate, at.loss / at.batch, verdict.columns, at.seconds + validation, at.waited);
  at = next;
  if (verdict.error < position_.best) {
    position_.best = verdict.error;
    write_average(folder_ / "model.pt");
    Page results;
    task_->show_results(results);
    show_first_filters(*average_, results);
    writer->set_best(position_.best, task_->in_words(position_.best), results.body());
  }
  const RunState state = at.epoch < recipe_.train.epochs ? RunState::running : RunState::finished;
  writer->write(state);  // first: a checkpoint beside an older record would go on without its best epoch
  checkpoint().save(folder_ / "checkpoint.pt");
}

bool Training::run_epochs(RunWriter* writer, Progress& progress, const std::function<bool(double)>& stop) {
  Position& at = position_;
  bool stopped = false;
  while (!stopped && at.epoch < recipe_.train.epochs) {
    const bool whole = run_batches(progress, stop);
    workers_.average(statistics(*net_));
    workers_.average(statistics(*average_));
    if (whole) {
      end_epoch(writer);
      workers_.meet();
      stopped = stop && at.epoch < recipe_.train.epochs && workers_.any(stop(at.epoch));
    } else {
      if (writer) checkpoint().save(folder_ / "checkpoint.pt");
      stopped = true;
    }
  }
  if (stopped && writer) writer->write(RunState::stopped);
  return !stopped;
}

bool Training::is_recorded_as_finished() const {
  return fs::exists(folder_ / "run.json") && read_facts(folder_).state == RunState::finished;
}

/// Initialises or resumes; all workers get the state of rank 0.
void Training::begin(bool resume) {
  const fs::path file = folder_ / "checkpoint.pt";
  if (!resume) {
    task_->start(*net_);
    copy_average(0);
  } else if (workers_.first()) {
    load(file);
  }
  if (workers_.size() > 1) checkpoint().take(workers_.of_first(workers_.first() ? checkpoint().bytes() : ""), file);
  if (position_.batch > 0 && position_.workers != workers_.size())
    throw Error(ErrorKind::mismatch, file.string() + " was written in mid-epoch by " + std::to_string(position_.workers) +
                                         " processes, which share an epoch in another way: go on with as many");
  position_.workers = workers_.size();
  const DataSize now = task_->data_size(), &then = position_.data;
  if (resume && workers_.first() && (now.train != then.train || now.held_out != then.held_out))
    throw Error(ErrorKind::mismatch, fmt::format("{} has {} samples to train on and {} to validate, the sets now {} and {}, and others are "
                                                 "held out: restore the sets, or begin a new run from its weights ([network] start)",
                                                 file.string(), then.train, then.held_out, now.train, now.held_out));
  position_.data = now;
}

bool Training::run(bool resume, const std::function<bool(double)>& stop, bool tensorboard) {
  begin(resume);
  const bool complete = resume && position_.epoch >= recipe_.train.epochs;
  if (complete && workers_.first())
    spdlog::info("{} has all of its {} epochs: nothing is left to train", folder_.string(), position_.epoch);
  if (complete && (!workers_.first() || is_recorded_as_finished())) return true;
  std::optional<RunWriter> writer;
  if (workers_.first()) {
    writer.emplace(folder_, facts(), repeatable_text(recipe_), resume ? std::optional<int>(position_.epoch) : std::nullopt, tensorboard);
    Page data;
    task_->show_data(data);
    writer->set_data(data.body());
  }
  Progress progress("training", static_cast<double>(position_.epoch) / recipe_.train.epochs);
  const auto fail = [&](const std::string& what, bool diverged) {
    if (!writer) return what;
    progress.end_line();
    try {
      writer->write_failure(what, diverged);
    } catch (const Error&) {  // on a full disk the page stays as it was
    }
    return what + what_is_kept();
  };
  try {
    if (!run_epochs(writer ? &*writer : nullptr, progress, stop)) {
      progress.end_line();
      const int batch = position_.batch;
      spdlog::warn("stopped after {} epochs{}", position_.epoch,
                   batch > 0 ? " and " + std::to_string(batch) + " of " + std::to_string(task_->batches()) + " batches" : std::string());
      return false;
    }
  } catch (const Diverged& e) {
    throw Diverged(fail(e.what(), true));
  } catch (const LostWorker& e) {
    throw LostWorker(fail(e.what(), false));
  } catch (const Error& e) {
    throw Error(e.kind(), fail(e.what(), false));
  } catch (const std::exception& e) {
    throw std::runtime_error(fail(first_line(text_of(e)), false));
  }
  if (writer && complete) writer->write(RunState::finished);
  if (writer) progress.finish("best " + task_->in_words(position_.best) + ": " + (folder_ / "model.pt").string());
  return true;
}

/// On the CPU: a trace keeps the device.
void Training::write_average(const fs::path& file) {
  average_->to(torch::kCPU);
  task_->write_model(*average_, position_.epoch, file);
  average_->to(device_);
}

void Training::write_model(const fs::path& file) {
  const Verdict verdict = validate();
  write_average(file);
  spdlog::info("{}: {} after {} epochs", file.string(), task_->in_words(verdict.error), position_.epoch);
}

/// With its device resolved, if there are several, to this worker's; and its precision.
Recipe placed(Recipe recipe, const Workers& workers) {
  const c10::Device device = device_named(recipe.train.device, workers.turn());
  recipe.train.device = device.str();
  Precision& precision = recipe.train.precision;
  if (precision == Precision::automatic) precision = has_bfloat16(device) ? Precision::bf16 : Precision::fp32;
  return recipe;
}

void say_where(const TrainSpec& asked, const TrainSpec& here) {
  if (here.device != "cpu" || asked.precision == Precision::automatic)
    spdlog::info("training on {}{}", device_and_precision(here), here.precision == Precision::fp32 ? " in float32" : "");
  if (here.precision == Precision::bf16 && !has_bfloat16(c10::Device(here.device)))
    spdlog::warn(R"(this processor has no bfloat16 instructions (AVX512-BF16) and takes many times as long without: )"
                 R"([train] precision = "auto" or "fp32" would not)");
}

}  // namespace

bool train(const Recipe& recipe, const fs::path& folder, bool resume, const std::function<bool(double)>& stop, bool tensorboard,
           std::chrono::seconds patience) {
  const Workers workers(place_in_environment(), patience);
  if (!workers.first()) spdlog::set_level(spdlog::level::err);  // rank 0 speaks for all
  try {
    const std::string text = repeatable_text(recipe);
    if (workers.size() > 1) require_same_recipe(text, workers);
    std::optional<RunLock> lock;
    if (workers.first()) {
      prepare_folder(folder, resume, text);
      lock.emplace(folder);
    }
    keep_memory();
    const Recipe here = placed(recipe, workers);
    say_where(recipe.train, here.train);
    return Training(here, folder, workers).run(resume, stop, tensorboard);
  } catch (const std::exception& e) {
    workers.fail(e.what());
    throw;
  }
}

void export_checkpoint(const Recipe& recipe, const fs::path& checkpoint, const fs::path& file) {
  const Workers alone;
  const Recipe here = placed(recipe, alone);
  Training training(here, checkpoint.parent_path(), alone);
  training.load(checkpoint);
  training.write_model(file);
}

}  // namespace fkp
