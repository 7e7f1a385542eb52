// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/keypoint_net.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "fkp/core/error.h"
#include "fkp/runtime.h"

namespace fkp {
namespace {

constexpr std::chrono::seconds kLately{1};

/// The network's raw output for a batch.
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

}  // namespace

/// Owns the network. Requests that arrive while it runs are answered as one batch, by one of the waiting threads.
class KeypointNet::Worker {
 public:
  explicit Worker(const KeypointNetOptions& options)
      : batch_size_(std::max(options.batch_size, 1)),
        batch_timeout_(std::max(options.batch_timeout, std::chrono::milliseconds(0))),
        runner_(options.threads, [this, &options] { load(options); }) {}

  Output run(torch::Tensor crops);

  const ModelDescription& description() const { return description_; }
  const std::string& device_name() const { return runtime_.device_name(); }
  const std::string& precision() const { return runtime_.precision(); }
  bool knows_faces() const { return has_score_ || values_ == 3; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Request {
    torch::Tensor crops;
    std::thread::id caller;
    Output output;
    std::exception_ptr failure;
    bool answered = false;
  };

  void load(const KeypointNetOptions& options);
  void check(const Output& output, int batch);
  void wait_for_company(std::unique_lock<std::mutex>& lock);
  void take_batch();
  void answer() noexcept;
  Output infer(const torch::Tensor& crops);
  Output forward(const torch::Tensor& crops);

  ModelDescription description_;
  std::int64_t values_ = 0;  // per point
  bool has_score_ = false;
  const int batch_size_;
  const std::chrono::milliseconds batch_timeout_;
  Runtime runtime_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request*> requests_;                         // on the stacks of the threads that wait for them
  std::map<std::thread::id, Clock::time_point> callers_;  // when each thread last called
  bool running_ = false;                                  // a thread assembles or runs batch_
  std::vector<Request*> batch_;
  NetworkRunner runner_;  // last: it uses the others
};

Output KeypointNet::Worker::run(torch::Tensor crops) {
  Request mine{std::move(crops), std::this_thread::get_id(), {}, {}, false};
  std::unique_lock lock(mutex_);
  if (batch_timeout_.count() > 0) callers_[mine.caller] = Clock::now();
  requests_.push_back(&mine);
  changed_.notify_all();
  while (!mine.answered) {
    if (running_) {
      changed_.wait(lock);
      continue;
    }
    running_ = true;
    try {
      wait_for_company(lock);
      take_batch();
    } catch (...) {  // out of memory: the other threads go on
      requests_.erase(std::find(requests_.begin(), requests_.end(), &mine));
      running_ = false;
      changed_.notify_all();
      throw;
    }
    lock.unlock();
    answer();
    lock.lock();
    for (Request* r : batch_) r->answered = true;
    running_ = false;
    changed_.notify_all();
  }
  if (mine.failure) std::rethrow_exception(mine.failure);
  return std::move(mine.output);
}

/// Waits for requests from the other threads that called recently, but not longer than allowed.
void KeypointNet::Worker::wait_for_company(std::unique_lock<std::mutex>& lock) {
  if (batch_timeout_.count() == 0) return;
  const auto start = Clock::now();
  for (auto i = callers_.begin(); i != callers_.end();) i = start - i->second > kLately ? callers_.erase(i) : std::next(i);
  const auto waits = [this](std::thread::id caller) {
    return std::any_of(requests_.begin(), requests_.end(), [&](const Request* r) { return r->caller == caller; });
  };
  auto last = start;  // until when a request from a thread that has none here may be expected
  for (const auto& [caller, asked] : callers_)
    if (!waits(caller)) last = std::max(last, asked + kLately);
  changed_.wait_until(lock, std::min(last, start + batch_timeout_), [this] {
    std::int64_t crops = 0;
    for (const Request* r : requests_) crops += r->crops.size(0);
    return crops >= batch_size_ || requests_.size() >= callers_.size();
  });
}

void KeypointNet::Worker::take_batch() {
  std::int64_t crops = 0;
  auto last = requests_.begin();
  do {
    crops += (*last)->crops.size(0);
    ++last;
  } while (last != requests_.end() && crops + (*last)->crops.size(0) <= batch_size_);
  batch_.assign(requests_.begin(), last);
  requests_.erase(requests_.begin(), last);
}

/// Gives each request of the batch its output, or all of them the error.
void KeypointNet::Worker::answer() noexcept {
  try {
    std::vector<torch::Tensor> crops;
    for (const Request* r : batch_) crops.push_back(r->crops);
    Output all;
    runner_.run([&] { all = infer(crops.size() == 1 ? crops[0] : torch::cat(crops)); });
    std::int64_t first = 0;
    for (Request* r : batch_) {
      const auto n = r->crops.size(0);
      r->output = {all.points.narrow(0, first, n), all.score.defined() ? all.score.narrow(0, first, n) : torch::Tensor()};
      first += n;
    }
  } catch (...) {
    for (Request* r : batch_) r->failure = std::current_exception();
  }
}

Output KeypointNet::Worker::forward(const torch::Tensor& crops) {
  Output output = unpack(runtime_.run(crops));
  const auto n = crops.size(0);
  if (output.points.sizes() != torch::IntArrayRef{n, description_.scheme.size(), values_} || output.score.defined() != has_score_ ||
      (has_score_ && output.score.size(0) != n))
    throw std::runtime_error("the network failed on " + device_name() + ": for " + std::to_string(n) + " crops its output is " +
                             c10::str(output.points.sizes()));
  return output;
}

Output KeypointNet::Worker::infer(const torch::Tensor& crops) {
  if (crops.size(0) <= batch_size_) return forward(crops);
  std::vector<torch::Tensor> points, scores;  // a single request exceeds the batch size
  for (const torch::Tensor& part : crops.split(batch_size_)) {
    Output output = forward(part);
    points.push_back(output.points);
    if (output.score.defined()) scores.push_back(output.score);
  }
  return {torch::cat(points), scores.empty() ? torch::Tensor() : torch::cat(scores)};
}

void KeypointNet::Worker::load(const KeypointNetOptions& options) {
  ModelKind kind;
  kind.describe = [this](const std::string& json) { description_ = model_description_from_json(json); };
  kind.example = [this](int count) { return torch::zeros({count, 1, description_.crop.size.height, description_.crop.size.width}); };
  kind.check = [this](const c10::IValue& output, int count) { check(unpack(output), count); };
  runtime_.load(options.model, options.device, options.precision, kind);
}

void KeypointNet::Worker::check(const Output& output, int batch) {
  const int count = description_.scheme.size();
  const auto& p = output.points;
  const auto fail = [](const std::string& what) { throw Error(ErrorKind::mismatch, what); };
  const std::string crops = "for " + std::to_string(batch) + (batch == 1 ? " crop" : " crops");
  if (p.dim() != 3 || p.size(0) != batch || (p.size(2) != 2 && p.size(2) != 3))
    fail(crops + " its output is " + c10::str(p.sizes()) + ", not [" + std::to_string(batch) + ", points, 2 or 3]");
  if (p.size(1) != count)
    fail("it gives " + std::to_string(p.size(1)) + " points, its scheme '" + description_.scheme.name + "' has " + std::to_string(count));
  if (output.score.defined() && output.score.size(0) != batch)
    fail(crops + " it gives " + std::to_string(output.score.size(0)) + " scores");
  values_ = p.size(2);
  has_score_ = output.score.defined();
}

KeypointNet::KeypointNet(const KeypointNetOptions& options) : worker_(std::make_unique<Worker>(options)) {}
KeypointNet::~KeypointNet() = default;

const ModelDescription& KeypointNet::description() const { return worker_->description(); }
const std::string& KeypointNet::device() const { return worker_->device_name(); }
const std::string& KeypointNet::precision() const { return worker_->precision(); }
bool KeypointNet::knows_faces() const { return worker_->knows_faces(); }

std::vector<Look> KeypointNet::look(const Luma& picture, const std::vector<Region>& regions, Statistics* statistics) {
  if (regions.empty()) return {};
  check(picture);
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const ModelDescription& d = description();
  const int n = static_cast<int>(regions.size());
  const cv::Size size = d.crop.size;
  const c10::InferenceMode inference;
  const torch::Tensor crops = torch::empty({n, 1, size.height, size.width});
  cv::Mat crop;
  for (int i = 0; i < n; i++) {
    cut(picture, regions[i], d.crop, crop);
    cv::Mat slot(size, CV_32F, crops.data_ptr<float>() + static_cast<std::ptrdiff_t>(i) * size.area());
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
  const float* v = output.points.data_ptr<float>();
  for (int i = 0; i < n; i++) {
    const cv::Matx23f back = from_crop(regions[i], size);
    looks[i].points.reserve(d.scheme.size());
    for (int k = 0; k < d.scheme.size(); k++, v += values)
      looks[i].points.push_back(transformed(back, {d.scale * v[0] + d.offset, d.scale * v[1] + d.offset, values == 3 ? v[2] : 1.f}));
    const bool any = std::any_of(looks[i].points.begin(), looks[i].points.end(), is_known);
    if (any) looks[i].box = face_box_of(looks[i].points, regions[i].side / d.crop.margin, d);
    looks[i].score = output.score.defined() ? output.score.data_ptr<float>()[i] : mean_confidence(looks[i].points);
  }
  return looks;
}

}  // namespace fkp
