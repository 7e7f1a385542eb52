// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/script.h>

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "fkp/plan.h"

// What all networks of this library share. Private to it: torch stays out of the public headers.

namespace fkp {

/// How a model of some kind is made ready.
struct ModelKind {
  std::function<void(const std::string& json)> describe;  ///< reads its description
  std::function<torch::Tensor(int count)> example;        ///< an input of `count` pictures, on the CPU
  /// Of the examples of two and of one: a model that gives the same for any number would do for one of them. Throws Error.
  std::function<void(const c10::IValue& output, int count)> check;
};

/// The module of a file, on the CPU, and its description: from inside it, or from beside it. Throws Error (unreadable).
torch::jit::Module read_module(const std::string& file, std::string& json);

/// A TorchScript model on its device. For a NetworkRunner's jobs.
class Runtime {
 public:
  /// Finds, loads, describes, checks, optimises and warms up. Throws Error: not_found, unreadable, mismatch, settings or no_device,
  /// with the file's name. `precision`: as in KeypointNetOptions.
  void load(const std::string& model, const std::string& device, const std::string& precision, const ModelKind& kind);

  /// Throws std::runtime_error that says why, in one line.
  c10::IValue run(const torch::Tensor& input);

  const std::string& device_name() const { return device_name_; }
  /// "fp32" or "bf16".
  const std::string& precision() const { return precision_; }

 private:
  void optimise(const torch::Tensor& example, bool bfloat16);
  c10::IValue forward(const torch::Tensor& input);

  torch::jit::Module module_;
  std::unique_ptr<Plan> plan_;                       // of the convolutions, on a processor; then
  std::unique_ptr<torch::jit::GraphFunction> rest_;  // what comes behind them
  torch::Device device_{torch::kCPU};
  std::string device_name_;
  std::string precision_ = "fp32";
};

/// Runs what a network is asked, one job after the other, in InferenceMode: with one processor thread on the caller's own, since
/// handing a job over and being woken takes a tenth of a small network's time; with more on a thread for it, since OpenMP gives
/// each thread that calls it a pool of its own.
class NetworkRunner {
 public:
  /// Runs `load` there, and throws what it throws.
  NetworkRunner(int threads, const std::function<void()>& load);
  ~NetworkRunner();
  NetworkRunner(const NetworkRunner&) = delete;
  NetworkRunner& operator=(const NetworkRunner&) = delete;

  /// Waits for the job's end; throws what it throws. One call at a time.
  void run(const std::function<void()>& job);

 private:
  void serve();
  void stop();

  const int threads_;
  std::mutex mutex_;  // of what follows, for the thread of its own
  std::condition_variable changed_;
  const std::function<void()>* job_ = nullptr;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fkp
