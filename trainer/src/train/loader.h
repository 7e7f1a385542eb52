// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "train/task.h"

namespace fkp {

/// Prefetches an epoch's batches on threads of its own, a few ahead, and delivers them in order. The content of a batch depends
/// on its number and on `make` alone, not on the threads.
class Loader {
 public:
  /// `make(i)` returns batch i of `count`; it is called from several threads.
  Loader(int count, int threads, std::function<Step(int)> make);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next batch; waits for it. Call at most `count` times. Rethrows what `make` threw.
  Step next();

 private:
  void work();

  static constexpr int kAhead = 8;
  const int count_;
  std::function<Step(int)> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, Step> ready_;
  std::exception_ptr failure_;
  int started_ = 0, taken_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fkp
