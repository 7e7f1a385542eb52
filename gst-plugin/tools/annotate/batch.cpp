// SPDX-License-Identifier: LGPL-2.1-or-later
#include "batch.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include "loaded_network.h"
#include "programs/message_of.h"
#include "programs/progress.h"

namespace fkp {
namespace {

/// Lets threads print above the progress line.
class SharedProgress {
 public:
  explicit SharedProgress(const std::string& label) : progress_(label) {}

  void print(std::FILE* to, const std::string& text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    progress_.end_line();
    std::fputs((text + '\n').c_str(), to);
    std::fflush(to);
  }
  void progress(double done, const std::string& note) {
    const std::lock_guard<std::mutex> lock(mutex_);
    progress_.update(done, note);
  }
  void finish(const std::string& note) { progress_.finish(note); }

 private:
  std::mutex mutex_;
  Progress progress_;
};

/// A job and its progress.
struct Task {
  explicit Task(const Job& its) : job(its) {}
  const Job& job;
  Live live;
  std::atomic<bool> ended{false};

  double done() const {
    const std::uint64_t duration = live.duration;
    if (ended) return 1;
    const std::uint64_t begin = live.tally.begin, position = std::max<std::uint64_t>(live.tally.position, begin);
    return duration > begin ? std::min(1.0, static_cast<double>(position - begin) / static_cast<double>(duration - begin)) : 0.0;
  }
};

class Batch {
 public:
  Batch(const Plan& plan, const Manner& manner, const std::atomic<Stop>& stop)
      : plan_(plan), manner_(manner), stop_(stop), console_(label_of(plan)) {
    for (const Job& job : plan.jobs) {
      if (plan.batch && !manner.force && is_done(job))
        outcome_.there_already++;
      else
        tasks_.emplace_back(job);
    }
  }

  Outcome run(int at_a_time) {
    if (outcome_.there_already > 0)
      console_.print(stderr, fmt::format("{} of {} exist already; --force writes them again", outcome_.there_already, plan_.jobs.size()));
    if (tasks_.empty()) return outcome_;
    const LoadedNetwork network(manner_.detect, manner_.model_instance);
    working_ = std::min(tasks_.size(), static_cast<std::size_t>(at_a_time));
    std::vector<std::thread> workers;
    for (std::size_t i = working_; i > 0; i--) workers.emplace_back([this] { work(); });
    watch();
    for (std::thread& worker : workers) worker.join();
    outcome_.not_begun = tasks_.size() - begun_;
    if (outcome_.done > 0 && stop_ == Stop::no) console_.finish(note());
    return outcome_;
  }

 private:
  static std::string label_of(const Plan& plan) {
    if (plan.batch) return fmt::format("{} files", plan.jobs.size());
    return std::filesystem::path(plan.jobs.front().input).filename().string();
  }

  std::string note() const {
    std::uint64_t frames = 0;
    std::size_t ended = 0;
    for (const Task& task : tasks_) {
      frames += task.live.tally.frames;
      ended += task.ended ? 1 : 0;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const double speed = seconds > 0 ? static_cast<double>(frames) / seconds : 0.0;
    const std::string text = fmt::format("{} frames, {:.1f} frames/s", frames, speed);
    return plan_.batch ? fmt::format("{} of {} files, {}", ended + outcome_.there_already, plan_.jobs.size(), text) : text;
  }

  /// The fraction done, with jobs weighted by file size.
  double done() const {
    double all = 0, done = 0;
    for (const Task& task : tasks_) {
      all += static_cast<double>(task.job.bytes);
      done += static_cast<double>(task.job.bytes) * task.done();
    }
    return done / all;
  }

  /// Shows progress until all jobs that were started have ended.
  void watch() {
    bool told = false;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::milliseconds(100), [&] { return working_ == 0; })) {
      console_.progress(done(), note());
      if (told || !plan_.batch || stop_ != Stop::early) continue;
      told = true;
      console_.print(stderr, "fkp-annotate: finishing the files in progress; press Ctrl-C again to abandon them");
    }
  }

  void work() {
    while (Task* task = next()) {
      do_task(*task);
      task->ended = true;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--working_ == 0) ended_.notify_all();
  }

  Task* next() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return begun_ < tasks_.size() && stop_ == Stop::no ? &tasks_[begun_++] : nullptr;
  }

  void do_task(Task& task) {
    const std::string name = task.job.input;
    const auto complain = [&](const std::string& text) { console_.print(stderr, fmt::format("fkp-annotate: {}: {}", name, text)); };
    try {
      const Done done = annotate(task.job, manner_, task.live, stop_, complain);
      console_.print(stdout, plan_.batch ? name + ": " + done.summary : done.summary);
      if (!done.remark.empty()) console_.print(stdout, done.remark);
      if (!plan_.batch || manner_.verbose) console_.print(stdout, done.pipeline);
      if (!done.fault.empty()) complain(done.fault);
      if (done.ended_early) complain("interrupted: the output ends early");
      const std::lock_guard<std::mutex> lock(mutex_);
      done.fault.empty() ? void(outcome_.done++) : outcome_.failed.push_back(name);
    } catch (const Dropped& dropped) {
      complain(dropped.what());
      const std::lock_guard<std::mutex> lock(mutex_);
      outcome_.given_up++;
    } catch (const std::exception& error) {
      complain(message_of(error));
      const std::lock_guard<std::mutex> lock(mutex_);
      outcome_.failed.push_back(name);
    }
  }

  const Plan& plan_;
  const Manner& manner_;
  const std::atomic<Stop>& stop_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  SharedProgress console_;
  std::deque<Task> tasks_;  // a deque, as they must not move
  std::mutex mutex_;        // guards what follows
  std::condition_variable ended_;
  std::size_t begun_ = 0, working_ = 0;
  Outcome outcome_;
};

}  // namespace

Outcome run_batch(const Plan& plan, const Manner& manner, int at_a_time, const std::atomic<Stop>& stop) {
  return Batch(plan, manner, stop).run(at_a_time);
}

}  // namespace fkp
