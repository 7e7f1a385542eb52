// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/loader.h"

#include <algorithm>

namespace fkp {

Loader::Loader(int count, int threads, std::function<Step(int)> make) : count_(count), make_(std::move(make)) {
  for (int i = 0; i < std::min(threads, kAhead); i++) threads_.emplace_back([this] { work(); });
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
    Step batch;
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

Step Loader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || ready_.count(taken_) > 0; });
  if (failure_) std::rethrow_exception(failure_);
  Step batch = std::move(ready_.extract(taken_++).mapped());
  changed_.notify_all();
  return batch;
}

}  // namespace fkp
