// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/script.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
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

/// A TorchScript model on its device.
class Runtime {
 public:
  /// Finds, loads, describes, checks, optimises and warms up. Belongs to the thread that calls it from then on. Throws Error:
  /// not_found, unreadable, mismatch, settings or no_device, with the file's name. `precision`: as in KeypointNetOptions.
  void load(const std::string& model, const std::string& device, int threads, const std::string& precision, const ModelKind& kind);

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

/// "[2, 68, 3]".
std::string shape_text(const torch::Tensor& tensor);

/// Starts a thread in InferenceMode that runs `load` and then `serve`, and returns when `load` has ended; throws what it
/// threw. What `load` refers to may be gone from then on.
std::thread start_network_thread(const std::function<void()>& load, std::function<void()> serve);

/// A network thread that runs what it is given, one after the other.
class NetworkThread {
 public:
  explicit NetworkThread(const std::function<void()>& load);
  ~NetworkThread();
  NetworkThread(const NetworkThread&) = delete;
  NetworkThread& operator=(const NetworkThread&) = delete;

  /// Runs `job` there and waits for it; throws what it throws.
  void run(std::function<void()> job);

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::packaged_task<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fkp
