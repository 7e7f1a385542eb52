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

#include "fkp/onednn/plan.h"

// What all networks of this library share. Private to it: torch stays out of the public headers.

namespace fkp {

/// What it takes to load one kind of model.
struct ModelKind {
  std::function<void(const std::string& json)> describe;  ///< parses its description
  std::function<torch::Tensor(int count)> example;        ///< an example input of `count` pictures, on the CPU
  /// Checks the output, for two pictures and again for one: a model with a fixed batch size would pass one of these. Throws Error.
  std::function<void(const c10::IValue& output, int count)> check;
};

/// Loads the module of a file, on the CPU, and its description from inside or beside the file. Throws Error (unreadable).
torch::jit::Module read_module(const std::string& file, std::string& json);

/// A TorchScript model on its device, to be used in a NetworkRunner's jobs.
class Runtime {
 public:
  /// Finds, loads, checks, optimises and warms up a model. Throws Error: not_found, unreadable or mismatch, with the file's name; settings
  /// or no_device. `precision`: as in KeypointNetOptions.
  void load(const std::string& model, const std::string& device, const std::string& precision, const ModelKind& kind);

  /// Throws std::runtime_error with the reason in one line.
  c10::IValue run(const torch::Tensor& input);

  const std::string& device_name() const { return device_name_; }
  /// "fp32" or "bf16".
  const std::string& precision() const { return precision_; }

 private:
  void optimise(const torch::Tensor& example, bool bfloat16);
  c10::IValue forward(const torch::Tensor& input);

  torch::jit::Module module_;
  std::unique_ptr<Plan> plan_;                       // the convolutions, on a CPU
  std::unique_ptr<torch::jit::GraphFunction> rest_;  // what follows them
  torch::Device device_{torch::kCPU};
  std::string device_name_;
  std::string precision_ = "fp32";
};

/// Runs a network's jobs one after the other, in InferenceMode. With one CPU thread they run on the caller's, since handing a job over and
/// waking up takes a tenth of a small network's time; with more, on a dedicated thread, since OpenMP gives each thread that calls it a pool
/// of its own.
class NetworkRunner {
 public:
  /// Runs `load` in the same way, and throws what it throws.
  NetworkRunner(int threads, const std::function<void()>& load);
  ~NetworkRunner();
  NetworkRunner(const NetworkRunner&) = delete;
  NetworkRunner& operator=(const NetworkRunner&) = delete;

  /// Runs the job to its end; throws what it throws. One call at a time.
  void run(const std::function<void()>& job);

 private:
  void serve();
  void stop();

  const int threads_;
  std::mutex mutex_;  // guards the members below, shared with the dedicated thread
  std::condition_variable changed_;
  const std::function<void()>* job_ = nullptr;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fkp
