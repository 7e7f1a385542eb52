// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loader.h"

#include <algorithm>
#include <numeric>

namespace fkp {

Loader::Loader(int count, int threads, std::function<Batch(int)> make) : count_(count), make_(std::move(make)) {
  for (int i = 0; i < threads; i++) threads_.emplace_back([this] { work(); });
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& t : threads_) t.join();
}

void Loader::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || started_ == count_ || started_ < taken_ + kAhead; });
    if (stop_ || started_ == count_) return;
    const int index = started_++;
    lock.unlock();
    Batch batch;
    std::exception_ptr failure;
    try {
      batch = make_(index);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) failure_ = failure;
    ready_.emplace(index, std::move(batch));
    changed_.notify_all();
  }
}

Batch Loader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || ready_.count(taken_) > 0; });
  if (failure_) std::rethrow_exception(failure_);
  Batch batch = std::move(ready_.extract(taken_++).mapped());
  changed_.notify_all();
  return batch;
}

std::vector<int> shuffled(int n, std::uint64_t seed, int epoch) {
  std::vector<int> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::seed_seq seeds{seed, static_cast<std::uint64_t>(epoch)};
  Rng rng(seeds);
  std::shuffle(order.begin(), order.end(), rng);
  return order;
}

void append(Batch& batch, const Crop& crop, float weight) {
  batch.count++;
  batch.pixels.insert(batch.pixels.end(), crop.pixels.datastart, crop.pixels.dataend);
  for (const Point& p : crop.points) batch.points.insert(batch.points.end(), {p.x, p.y});
  batch.weight.push_back(crop.face ? weight : 0.f);
  batch.face.push_back(crop.face ? 1.f : 0.f);
}

}  // namespace fkp
