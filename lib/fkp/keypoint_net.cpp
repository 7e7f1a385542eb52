// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/keypoint_net.h"

#include <ATen/Parallel.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "fkp/core/error.h"

namespace fkp {
namespace {

constexpr std::chrono::seconds kLately{1};
constexpr int kWarmUps = 3;  // the profiling executor settles after two runs

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string text_of(const std::exception& e) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&e);
  return torch_error ? torch_error->what_without_backtrace() : e.what();
}

/// The line of a TorchScript interpreter's traceback that says why, or the first line of anything else.
std::string reason_of(const std::string& text) {
  const auto at = text.rfind("RuntimeError: ");
  return first_line(at == std::string::npos ? text : text.substr(at + 14));
}

/// The network's raw answer to a batch.
struct Output {
  torch::Tensor points;  // [N, K, 2 or 3], float, CPU, contiguous
  torch::Tensor score;   // [N], or undefined
};

Output unpack(const c10::IValue& value) {
  const auto on_cpu = [](const torch::Tensor& t) { return t.to(torch::kCPU, torch::kFloat).contiguous(); };
  if (value.isTensor()) return {on_cpu(value.toTensor()), {}};
  if (value.isTuple() && value.toTupleRef().elements().size() == 2) {
    const auto& parts = value.toTupleRef().elements();
    if (parts[0].isTensor() && parts[1].isTensor()) return {on_cpu(parts[0].toTensor()), on_cpu(parts[1].toTensor()).flatten()};
  }
  throw std::runtime_error("its output is neither a tensor of points nor a pair of points and scores");
}

float mean_confidence(const Points& points) {
  float sum = 0;
  for (const Point& p : points) sum += p.confidence;
  return sum / static_cast<float>(points.size());
}

std::string shape_text(const torch::Tensor& t) {
  std::ostringstream out;
  out << t.sizes();
  return out.str();
}

torch::Device device_named(const std::string& name) {
  if (name == "auto") return torch::cuda::is_available() ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  torch::Device device(torch::kCPU);
  try {
    device = torch::Device(name);
  } catch (const std::exception&) {
    throw Error(ErrorKind::no_device, "'" + name + "' is no device; use auto, cpu, cuda or cuda:N");
  }
  if (device.is_cpu()) return device;
  if (!device.is_cuda()) throw Error(ErrorKind::no_device, "'" + name + "' is no device that fkp runs on; use auto, cpu, cuda or cuda:N");
  if (!torch::cuda::is_available())
    throw Error(ErrorKind::no_device,
                "device '" + name + "' was asked for, but libtorch finds no CUDA device; use device=cpu or device=auto");
  if (!device.has_index()) return {torch::kCUDA, 0};
  const auto count = torch::cuda::device_count();
  if (static_cast<std::size_t>(device.index()) >= count)
    throw Error(ErrorKind::no_device, "device '" + name + "' was asked for, but there are only " + std::to_string(count) + " CUDA devices");
  return device;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

/// Owns the module and the one thread that touches it. Requests that wait are answered as one batch.
class KeypointNet::Worker {
 public:
  explicit Worker(const KeypointNetOptions& options) {
    std::promise<void> loaded;
    auto ready = loaded.get_future();
    thread_ = std::thread([this, &options, &loaded] { work(options, loaded); });
    try {
      ready.get();
    } catch (...) {
      thread_.join();
      throw;
    }
  }
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Output run(torch::Tensor crops);

  const ModelDescription& description() const { return description_; }
  const std::string& device_name() const { return device_name_; }
  bool knows_faces() const { return knows_faces_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Request {
    torch::Tensor crops;
    std::thread::id caller;
    std::promise<Output> output;
  };

  void work(const KeypointNetOptions& options, std::promise<void>& loaded);
  void wait_for_company(std::unique_lock<std::mutex>& lock);
  std::vector<Request> take_batch();
  void answer(std::vector<Request> batch);
  Output infer(const torch::Tensor& crops);
  Output forward(const torch::Tensor& crops);
  void load(const KeypointNetOptions& options);
  void read(const std::filesystem::path& file);
  void check_shapes();

  ModelDescription description_;
  std::string device_name_;
  bool knows_faces_ = false;
  int batch_size_ = 1;
  std::chrono::microseconds batch_timeout_{0};
  torch::Device device_{torch::kCPU};
  torch::jit::Module module_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> requests_;
  std::map<std::thread::id, Clock::time_point> callers_;  // when each asked last
  bool stopping_ = false;
  std::thread thread_;
};

KeypointNet::Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Output KeypointNet::Worker::run(torch::Tensor crops) {
  std::future<Output> output;
  {
    const std::lock_guard lock(mutex_);
    callers_[std::this_thread::get_id()] = Clock::now();
    requests_.push_back({std::move(crops), std::this_thread::get_id(), {}});
    output = requests_.back().output.get_future();
  }
  changed_.notify_one();
  return output.get();
}

void KeypointNet::Worker::work(const KeypointNetOptions& options, std::promise<void>& loaded) {
  const c10::InferenceMode inference;
  try {
    load(options);
  } catch (...) {
    loaded.set_exception(std::current_exception());
    return;
  }
  loaded.set_value();  // what it and `options` refer to may be gone from here on
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
    if (requests_.empty()) return;
    wait_for_company(lock);
    auto batch = take_batch();
    lock.unlock();
    answer(std::move(batch));
    lock.lock();
  }
}

/// Waits for the requests of the other threads that have asked of late, though not longer than allowed.
void KeypointNet::Worker::wait_for_company(std::unique_lock<std::mutex>& lock) {
  if (batch_timeout_.count() == 0) return;
  const auto start = Clock::now();
  for (auto i = callers_.begin(); i != callers_.end();) i = start - i->second > kLately ? callers_.erase(i) : std::next(i);
  const auto waits = [this](std::thread::id caller) {
    return std::any_of(requests_.begin(), requests_.end(), [&](const Request& r) { return r.caller == caller; });
  };
  auto last = start;  // until when somebody who is not here yet may still be expected
  for (const auto& [caller, asked] : callers_)
    if (!waits(caller)) last = std::max(last, asked + kLately);
  changed_.wait_until(lock, std::min(last, start + batch_timeout_), [this] {
    std::int64_t crops = 0;
    for (const Request& r : requests_) crops += r.crops.size(0);
    return stopping_ || crops >= batch_size_ || requests_.size() >= callers_.size();
  });
}

std::vector<KeypointNet::Worker::Request> KeypointNet::Worker::take_batch() {
  std::vector<Request> batch;
  std::int64_t crops = 0;
  do {
    crops += requests_.front().crops.size(0);
    batch.push_back(std::move(requests_.front()));
    requests_.pop_front();
  } while (!requests_.empty() && crops + requests_.front().crops.size(0) <= batch_size_);
  return batch;
}

void KeypointNet::Worker::answer(std::vector<Request> batch) {
  std::vector<torch::Tensor> crops;
  for (const Request& r : batch) crops.push_back(r.crops);
  Output all;
  try {
    all = infer(crops.size() == 1 ? crops[0] : torch::cat(crops));
  } catch (...) {
    for (Request& r : batch) r.output.set_exception(std::current_exception());
    return;
  }
  std::int64_t first = 0;
  for (std::size_t i = 0; i < batch.size(); i++) {
    const auto n = crops[i].size(0);
    batch[i].output.set_value({all.points.narrow(0, first, n), all.score.defined() ? all.score.narrow(0, first, n) : torch::Tensor()});
    first += n;
  }
}

Output KeypointNet::Worker::forward(const torch::Tensor& crops) {
  Output output = unpack(module_.forward({crops.to(device_)}));
  const auto n = crops.size(0);
  if (output.points.dim() != 3 || output.points.size(0) != n || output.points.size(1) != description_.scheme.size() ||
      (output.score.defined() && output.score.size(0) != n))
    throw std::runtime_error("for " + std::to_string(n) + " crops its output is " + shape_text(output.points));
  return output;
}

Output KeypointNet::Worker::infer(const torch::Tensor& crops) {
  try {
    if (crops.size(0) <= batch_size_) return forward(crops);
    std::vector<torch::Tensor> points, scores;  // one caller alone has more than go at once
    for (const torch::Tensor& part : crops.split(batch_size_)) {
      Output output = forward(part);
      points.push_back(output.points);
      if (output.score.defined()) scores.push_back(output.score);
    }
    return {torch::cat(points), scores.empty() ? torch::Tensor() : torch::cat(scores)};
  } catch (const std::exception& e) {  // a c10::Error's own text is a backtrace
    throw std::runtime_error("the network failed on " + device_name_ + ": " + reason_of(text_of(e)));
  }
}

void KeypointNet::Worker::load(const KeypointNetOptions& options) {
  // Set on the worker: OpenMP gives every calling thread a pool of its own.
  at::set_num_threads(std::max(options.threads, 1));
  batch_size_ = std::max(options.batch_size, 1);
  batch_timeout_ = std::chrono::microseconds(static_cast<std::int64_t>(std::max(options.batch_timeout, 0.0) * 1e6));
  const auto file = find_model(options.model);
  device_ = device_named(options.device);
  device_name_ = device_.str();
  try {
    read(file);
    module_.eval();
    module_.to(device_);
    check_shapes();
    // The result cannot be saved (oneDNN's weights are opaque), so this runs after every load.
    if (device_.is_cpu() && module_.hasattr("training")) module_ = torch::jit::optimize_for_inference(module_);
    const auto crop = torch::zeros({1, 1, description_.input, description_.input}, device_);
    for (int i = 0; i < kWarmUps; i++) module_.forward({crop});
  } catch (const Error& e) {
    throw Error(e.kind(), file.string() + ": " + e.what());
  } catch (const std::exception& e) {
    throw Error(ErrorKind::mismatch,
                file.string() + " cannot run on crops of " + std::to_string(description_.input) + " pixels: " + reason_of(text_of(e)));
  }
}

void KeypointNet::Worker::read(const std::filesystem::path& file) {
  torch::jit::ExtraFilesMap extra{{"fkp.json", ""}};
  try {
    module_ = torch::jit::load(file.string(), torch::kCPU, extra);
  } catch (const std::exception& e) {
    throw Error(ErrorKind::unreadable, "is no TorchScript model: " + first_line(text_of(e)));
  }
  std::string json = extra["fkp.json"];
  const auto beside = std::filesystem::path(file).replace_extension(".json");
  if (json.empty() && std::filesystem::exists(beside)) json = read_text(beside);
  if (json.empty())
    throw Error(ErrorKind::unreadable, "has no description: neither fkp.json inside nor " + beside.filename().string() + " beside it");
  description_ = model_description_from_json(json);
}

void KeypointNet::Worker::check_shapes() {
  const int count = description_.scheme.size();
  const auto fail = [&](const std::string& what) { throw Error(ErrorKind::mismatch, what); };
  for (const int batch : {1, 2}) {  // one that gives the same for any number of crops would do for one of them
    const auto output = unpack(module_.forward({torch::zeros({batch, 1, description_.input, description_.input}, device_)}));
    const auto& p = output.points;
    const std::string crops = "for " + std::to_string(batch) + (batch == 1 ? " crop" : " crops");
    if (p.dim() != 3 || p.size(0) != batch || (p.size(2) != 2 && p.size(2) != 3))
      fail(crops + " its output is " + shape_text(p) + ", not [" + std::to_string(batch) + ", points, 2 or 3]");
    if (p.size(1) != count)
      fail("it gives " + std::to_string(p.size(1)) + " points, its scheme '" + description_.scheme.name + "' has " + std::to_string(count));
    if (output.score.defined() && output.score.size(0) != batch)
      fail(crops + " it gives " + std::to_string(output.score.size(0)) + " scores");
    knows_faces_ = output.score.defined() || p.size(2) == 3;
  }
}

KeypointNet::KeypointNet(const KeypointNetOptions& options) : worker_(std::make_unique<Worker>(options)) {}
KeypointNet::~KeypointNet() = default;

const ModelDescription& KeypointNet::description() const { return worker_->description(); }
const std::string& KeypointNet::device() const { return worker_->device_name(); }
bool KeypointNet::knows_faces() const { return worker_->knows_faces(); }

std::vector<Look> KeypointNet::look(const Luma& picture, const std::vector<Region>& regions, Statistics* statistics) {
  if (regions.empty()) return {};
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const ModelDescription& d = description();
  const int n = static_cast<int>(regions.size()), size = d.input;
  const c10::InferenceMode inference;
  torch::Tensor crops = torch::empty({n, 1, size, size});
  cv::Mat crop;
  for (int i = 0; i < n; i++) {
    cut(picture, regions[i], size, crop);
    cv::Mat slot(size, size, CV_32F, crops[i].data_ptr<float>());
    crop.convertTo(slot, CV_32F, (d.range_white - d.range_black) / 255, d.range_black);
  }
  const auto cropped = Clock::now();
  const Output output = worker_->run(crops);
  if (statistics) {
    statistics->count(Count::inferences, static_cast<std::uint64_t>(n));
    statistics->add(Stage::crop, cropped - start);
    statistics->add(Stage::infer, Clock::now() - cropped);
  }
  const auto values = output.points.size(2);
  std::vector<Look> looks(n);
  for (int i = 0; i < n; i++) {
    const cv::Matx23f back = from_crop(regions[i], size);
    const float* v = output.points[i].data_ptr<float>();
    for (int k = 0; k < d.scheme.size(); k++, v += values)
      looks[i].points.push_back(transformed(back, {d.scale * v[0] + d.offset, d.scale * v[1] + d.offset, values == 3 ? v[2] : 1.f}));
    looks[i].score = output.score.defined() ? output.score.data_ptr<float>()[i] : mean_confidence(looks[i].points);
  }
  return looks;
}

}  // namespace fkp
