// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

namespace fkp {

/// What is counted while a stream is analysed.
enum class Count {
  frames,      ///< all that arrived
  skipped,     ///< passed on without analysis because they came too late
  inferences,  ///< crops that went through the keypoint network
  detections,  ///< pictures that were searched for new faces
  faces,       ///< returned, including held ones
  held,        ///< returned as held
};
constexpr std::array kCountNames{"frames", "skipped", "inferences", "detections", "faces", "held"};

/// Where the time spent on a frame goes.
enum class Stage {
  map,     ///< frame to luma
  detect,  ///< search for new faces
  crop,    ///< luma to the network's crops
  infer,   ///< the network, including waiting for other streams that share it
  smooth,
  attach,  ///< faces to metadata
  frame,   ///< all of it
};
constexpr std::array kStageNames{"map", "detect", "crop", "infer", "smooth", "attach", "frame"};

/// Counts and times of one stream. All members may be called from any thread.
class Statistics {
 public:
  struct Times {
    double mean = 0;  ///< milliseconds, over all runs of the stage
    double p99 = 0;   ///< milliseconds: 99th percentile of its last thousand runs
  };

  void count(Count what, std::uint64_t by = 1);
  void add(Stage stage, std::chrono::nanoseconds took);

  std::uint64_t operator[](Count what) const;
  Times operator[](Stage stage) const;

 private:
  static constexpr std::size_t kRemembered = 1000;
  struct Series {
    double sum = 0;
    std::uint64_t runs = 0;
    std::vector<float> last;  // ring buffer
  };
  mutable std::mutex mutex_;
  std::array<std::uint64_t, kCountNames.size()> counts_{};
  std::array<Series, kStageNames.size()> series_;
};

/// Adds the time from its construction to its destruction to a stage.
class Timer {
 public:
  Timer(Statistics& statistics, Stage stage) : statistics_(statistics), stage_(stage), start_(std::chrono::steady_clock::now()) {}
  ~Timer() { statistics_.add(stage_, std::chrono::steady_clock::now() - start_); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  Statistics& statistics_;
  const Stage stage_;
  const std::chrono::steady_clock::time_point start_;
};

}  // namespace fkp
