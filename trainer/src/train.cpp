// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train.h"

#include <ATen/Parallel.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "fkp/core/error.h"
#include "loader.h"
#include "muon.h"
#include "programs/progress.h"
#include "schedule.h"
#include "task.h"
#include "whole_file.h"

namespace fkp {
namespace {

namespace fs = std::filesystem;

/// A step frees its tensors, and the next one takes as much again: with glibc's defaults the pages go to the kernel and back
/// meanwhile, which takes a sixth of the time.
void keep_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

/// A convolution that mixes channels; the first one, of one channel, does not.
bool is_matrix(const torch::Tensor& p) { return p.dim() == 4 && p.size(1) > 1; }

class Training {
 public:
  Training(const Recipe& recipe, fs::path folder, std::unique_ptr<Task> task)
      : recipe_(recipe), folder_(std::move(folder)), task_(std::move(task)) {
    torch::manual_seed(static_cast<std::int64_t>(recipe.seed));
    at::set_num_threads(recipe.train.threads > 0 ? recipe.train.threads : cores());
    net_ = task_->make_network();
    average_ = task_->make_network();
    copy_average(0);
    for (auto& p : net_->parameters())  // oneDNN trains a fifth faster in this layout
      if (p.dim() == 4) p.set_data(p.contiguous(at::MemoryFormat::ChannelsLast));
    std::vector<torch::Tensor> matrices, others;
    for (auto& p : net_->parameters()) (recipe.train.muon > 0 && is_matrix(p) ? matrices : others).push_back(p);
    muon_ = std::make_unique<Muon>(matrices, recipe.train.weight_decay);
    optimizer_ = make_optimizer(recipe.train, others);
  }

  void run(bool resume, const std::function<bool(int)>& stop);

 private:
  double run_epoch(int epoch, Progress& progress);
  Verdict validate();
  void copy_average(double decay);
  void save_checkpoint(int next_epoch);
  int load_checkpoint();

  const Recipe& recipe_;
  const fs::path folder_;
  const std::unique_ptr<Task> task_;
  std::shared_ptr<torch::nn::Module> net_, average_;
  std::unique_ptr<Muon> muon_;                          // of the matrices, where the recipe has it
  std::unique_ptr<torch::optim::Optimizer> optimizer_;  // of all else
  std::int64_t step_ = 0;
  double best_ = 1e9;
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

double Training::run_epoch(int epoch, Progress& progress) {
  const int batches = task_->batches();
  Loader loader(batches, cores(), task_->epoch(epoch));
  net_->train();
  double sum = 0;
  for (int i = 0; i < batches; i++) {
    const Step step = loader.next();
    const double schedule = schedule_share(recipe_.train, epoch + static_cast<double>(i) / batches);
    for (auto& group : optimizer_->param_groups()) group.options().set_lr(recipe_.train.lr * schedule);
    net_->zero_grad();
    const auto loss = step(*net_);
    loss.backward();
    optimizer_->step();
    muon_->step(recipe_.train.muon * schedule);
    step_++;
    copy_average(std::min(recipe_.train.ema, static_cast<double>(1 + step_) / static_cast<double>(10 + step_)));
    sum += loss.item<double>();
    if (!std::isfinite(sum))
      throw std::runtime_error("the loss is no number any more in epoch " + std::to_string(epoch + 1) +
                               ": lower [train] lr (what an earlier epoch wrote is kept)");
    progress.update((epoch + static_cast<double>(i + 1) / batches) / recipe_.train.epochs,
                    "epoch " + std::to_string(epoch + 1) + "/" + std::to_string(recipe_.train.epochs) + "  loss " +
                        std::to_string(sum / (i + 1)).substr(0, 6));
  }
  return sum / batches;
}

Verdict Training::validate() {
  const torch::NoGradGuard no_grad;
  average_->eval();
  return task_->validate(*average_);
}

void Training::save_checkpoint(int next_epoch) {
  torch::serialize::OutputArchive archive, net, average, adam, muon;
  net_->save(net);
  average_->save(average);
  optimizer_->save(adam);
  muon_->save(muon);
  archive.write("net", net);
  archive.write("average", average);
  archive.write("adam", adam);
  archive.write("muon", muon);
  archive.write("state", torch::tensor({static_cast<double>(next_epoch), static_cast<double>(step_), best_}, torch::kDouble));
  write_whole(folder_ / "checkpoint.pt", [&](const std::string& file) { archive.save_to(file); });
}

int Training::load_checkpoint() {
  const fs::path file = folder_ / "checkpoint.pt";
  if (!fs::exists(file)) throw Error(ErrorKind::not_found, "there is no " + file.string() + " to resume from");
  torch::serialize::InputArchive archive, net, average, adam, muon;
  torch::Tensor state;
  try {
    archive.load_from(file.string());
    archive.read("net", net);
    archive.read("average", average);
    archive.read("adam", adam);
    archive.read("muon", muon);
    net_->load(net);
    average_->load(average);
    optimizer_->load(adam);
    muon_->load(muon);
    archive.read("state", state);
  } catch (const c10::Error& e) {
    throw Error(ErrorKind::unreadable, file.string() + " is no checkpoint of this recipe: " + e.what_without_backtrace());
  }
  const auto* values = state.data_ptr<double>();
  step_ = static_cast<std::int64_t>(values[1]);
  best_ = values[2];
  return static_cast<int>(values[0]);
}

void Training::run(bool resume, const std::function<bool(int)>& stop) {
  const int first = resume ? load_checkpoint() : 0;
  if (!resume) {
    task_->start(*net_);
    copy_average(0);
  }
  std::ofstream(folder_ / "recipe.toml") << recipe_.text;
  std::ofstream log(folder_ / "log.csv", resume ? std::ios::app : std::ios::trunc);
  if (!resume) {
    log << "epoch,lr,loss";
    for (const std::string& name : task_->columns()) log << ',' << name;
    log << '\n';
  }
  Progress progress("training", static_cast<double>(first) / recipe_.train.epochs);
  for (int epoch = first; epoch < recipe_.train.epochs; epoch++) {
    const double loss = run_epoch(epoch, progress);
    const Verdict verdict = validate();
    log << epoch + 1 << ',' << recipe_.train.lr * schedule_share(recipe_.train, epoch + 1) << ',' << loss;
    for (double value : verdict.columns) log << ',' << value;
    log << std::endl;
    if (!log) throw Error(ErrorKind::unwritten, "cannot write " + (folder_ / "log.csv").string() + ": is the disk full?");
    if (verdict.error < best_) {
      best_ = verdict.error;
      task_->write_model(*average_, epoch + 1, folder_ / "model.pt");
    }
    save_checkpoint(epoch + 1);
    if (stop && epoch + 1 < recipe_.train.epochs && stop(epoch + 1)) {
      progress.end_line();
      spdlog::warn("stopped after epoch {}; go on with --resume", epoch + 1);
      return;
    }
  }
  progress.finish("best " + task_->in_words(best_) + ": " + (folder_ / "model.pt").string());
}

}  // namespace

void train(const Recipe& recipe, const fs::path& folder, bool resume, const std::function<bool(int)>& stop) {
  if (!resume && fs::exists(folder / "checkpoint.pt"))
    throw Error(ErrorKind::unwritable, folder.string() + " holds a run already: go on with --resume, or name another folder with -o");
  keep_memory();
  fs::create_directories(folder);
  auto task = recipe.task == TaskKind::faces ? make_face_task(recipe) : make_keypoint_task(recipe);
  Training(recipe, folder, std::move(task)).run(resume, stop);
}

}  // namespace fkp
