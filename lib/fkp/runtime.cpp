// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/runtime.h"

#include <ATen/Parallel.h>
#include <omp.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/torch.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "fkp/core/error.h"
#include "fkp/device.h"
#include "fkp/model.h"
#include "fkp/torch_error.h"

namespace fkp {
namespace {

constexpr int kWarmUps = 3;  // the profiling executor settles after two runs

/// The line of a TorchScript interpreter's traceback that gives the reason, or the first line of any other text.
std::string reason_of(const std::string& text) {
  const auto at = text.rfind("RuntimeError: ");
  return first_line(at == std::string::npos ? text : text.substr(at + 14));
}

/// Whether to use bfloat16, given the name of a precision; throws if it is unknown, or was requested but is not available.
bool wants_bfloat16(const std::string& precision, const torch::Device& device) {
  if (precision == "fp32") return false;
  if (precision != "bf16" && precision != "auto")
    throw Error(ErrorKind::settings, "'" + precision + "' is no precision; use fp32, bf16 or auto");
  const bool possible = device.is_cpu() && Plan::knows_bfloat16();
  if (precision == "bf16" && !possible)
    throw Error(ErrorKind::no_device,
                "precision=bf16 was asked for, but " + device.str() +
                    " does not run it: it needs a processor with AVX512-BF16, and oneDNN; use precision=fp32 or auto");
  return possible;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A file may store half floats, which take half the space; the network computes in float. Integers stay as they are.
void halves_to_floats(torch::jit::Module& module) {
  const auto widen = [](const auto& tensors) {
    for (torch::Tensor t : tensors)
      if (t.scalar_type() == torch::kHalf) t.set_data(t.to(torch::kFloat));
  };
  widen(module.parameters());
  widen(module.buffers());
}

/// While it exists, sets the number of CPU threads for the OpenMP loops, libtorch's and oneDNN's, that this thread enters. Uses OpenMP's
/// own functions, since libtorch's change it for all threads and create a new pool of threads each time.
class ProcessorThreads {
 public:
  explicit ProcessorThreads(int count) { omp_set_num_threads(count); }
  ~ProcessorThreads() { omp_set_num_threads(before_); }
  ProcessorThreads(const ProcessorThreads&) = delete;
  ProcessorThreads& operator=(const ProcessorThreads&) = delete;

 private:
  // libtorch sets the number before a thread's first operation: let it do so now.
  const int before_ = (at::get_num_threads(), omp_get_max_threads());
};

}  // namespace

torch::jit::Module read_module(const std::string& file, std::string& json) {
  torch::jit::ExtraFilesMap extra{{"fkp.json", ""}};
  torch::jit::Module module;
  try {
    module = torch::jit::load(file, torch::kCPU, extra);
  } catch (const std::exception& e) {
    throw Error(ErrorKind::unreadable, "is no TorchScript model: " + first_line(text_of(e)));
  }
  json = extra["fkp.json"];
  const auto beside = std::filesystem::path(file).replace_extension(".json");
  std::error_code unreadable;
  if (json.empty() && std::filesystem::exists(beside, unreadable)) json = read_text(beside);
  if (json.empty())
    throw Error(ErrorKind::unreadable, "has no description: neither fkp.json inside nor " + beside.filename().string() + " beside it");
  return module;
}

void Runtime::load(const std::string& model, const std::string& device, const std::string& precision, const ModelKind& kind) {
  const std::string file = find_model(model).string();
  device_ = device_named(device);
  device_name_ = device_.str();
  torch::jit::setTensorExprFuserEnabled(false);  // it compiles for each new shape, in mid-stream, on processors even for minutes
  if (device_.is_cuda()) at::globalContext().setAllowTF32CuDNN(false);  // its mantissa has ten bits
  const bool bfloat16 = wants_bfloat16(precision, device_);
  torch::Tensor input;
  try {
    std::string json;
    module_ = read_module(file, json);
    kind.describe(json);
    module_.eval();
    module_.to(device_);
    halves_to_floats(module_);
    for (const int count : {2, 1}) {
      input = kind.example(count).to(device_);
      kind.check(module_.forward({input}), count);
    }
    optimise(input, bfloat16);
    if (precision == "bf16" && precision_ != "bf16") throw Error(ErrorKind::mismatch, "it has nothing that could run with precision=bf16");
    for (int i = 0; i < kWarmUps; i++) forward(input);
  } catch (const Error& e) {
    throw Error(e.kind(), file + ": " + e.what());
  } catch (const std::exception& e) {
    throw Error(ErrorKind::mismatch, file + " cannot run on an input of " + c10::str(input.sizes()) + ": " + reason_of(text_of(e)));
  }
}

/// The result cannot be saved (oneDNN's weights are opaque), so this runs after every load.
void Runtime::optimise(const torch::Tensor& example, bool bfloat16) {
  auto frozen = torch::jit::freeze(module_);
  if (!device_.is_cpu()) {
    module_ = frozen;
    return;
  }
  auto graph = frozen.get_method("forward").graph()->copy();
  plan_ = Plan::take(*graph, example, bfloat16);
  if (plan_) {
    if (bfloat16) precision_ = "bf16";
    rest_ = std::make_unique<torch::jit::GraphFunction>("rest", std::move(graph), nullptr, torch::jit::ExecutorExecutionMode::SIMPLE);
    module_ = torch::jit::Module();
  } else {
    module_ = torch::jit::optimize_for_inference(module_);
  }
}

c10::IValue Runtime::forward(const torch::Tensor& input) {
  if (!plan_) return module_.forward({input});
  torch::jit::Stack stack = plan_->run(input);
  rest_->run(stack);
  return std::move(stack.front());
}

c10::IValue Runtime::run(const torch::Tensor& input) {
  try {
    return forward(input.to(device_));
  } catch (const std::exception& e) {  // a c10::Error's own text is a backtrace
    throw std::runtime_error("the network failed on " + device_name_ + ": " + reason_of(text_of(e)));
  }
}

NetworkRunner::NetworkRunner(int threads, const std::function<void()>& load) : threads_(std::max(threads, 1)) {
  if (threads_ > 1) thread_ = std::thread([this] { serve(); });
  try {
    run(load);
  } catch (...) {
    stop();
    throw;
  }
}

NetworkRunner::~NetworkRunner() { stop(); }

void NetworkRunner::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void NetworkRunner::run(const std::function<void()>& job) {
  if (!thread_.joinable()) {
    const c10::InferenceMode inference;
    const ProcessorThreads threads(threads_);
    job();
    return;
  }
  std::unique_lock lock(mutex_);
  job_ = &job;
  failure_ = nullptr;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !job_; });
  if (failure_) std::rethrow_exception(failure_);
}

void NetworkRunner::serve() {
  const c10::InferenceMode inference;
  const ProcessorThreads threads(threads_);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || job_; });
    if (!job_) return;
    lock.unlock();
    std::exception_ptr failure;
    try {
      (*job_)();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    failure_ = failure;
    job_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace fkp
