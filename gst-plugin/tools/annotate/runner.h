// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "format.h"
#include "gst_ptr.h"
#include "tally.h"

namespace fkp {

/// How soon the work has to end.
enum class Stop {
  no,
  early,  ///< properly, keeping what is done so far
  now,    ///< abandoning what is not complete
};

struct RunOptions {
  std::uint64_t duration = 0;  ///< nanoseconds; 0 if unknown
  const Format* format = nullptr;
  std::string csv;                    ///< the file to write; empty: none
  bool still = false;                 ///< keep the frame with a face nearest to the video's middle
  bool verbose = false;               ///< append GStreamer's debug text to each error
  bool ends_early = true;             ///< Stop::early ends the video where it is; otherwise it is finished
  bool live = false;                  ///< it may pause for any time
  std::chrono::seconds patience{10};  ///< after Stop::early: how long to wait without a frame for the end of the stream
  std::chrono::seconds stall{60};     ///< unless it is live: without a single buffer for that long, the run fails
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

/// What other threads may read of a run while it lasts.
struct Live {
  Tally tally;  ///< of the frames that fkpdetect has processed
  std::atomic<std::uint64_t> faces{0}, frames_with_face{0};
  std::atomic<std::uint64_t> duration{0};
};

struct RunResult {
  double seconds = 0;
  std::uint64_t begin = 0;   ///< nanoseconds: when the first frame is seen
  std::uint64_t end = 0;     ///< nanoseconds: when the last of the video's streams ends; 0 if unknown
  bool ended_early = false;  ///< what was written is a complete file all the same
  GstPtr<GstSample> still;   ///< null if there was no face, or no still was wanted
};

/// Thrown when a run is abandoned, on Stop::now for instance.
struct Dropped : std::runtime_error {
  Dropped() : std::runtime_error("abandoned before it was complete") {}
};

/// Runs a pipeline of pipeline_text() to its end. Throws Dropped, and std::runtime_error with the pipeline's first error, if it
/// makes no progress or if frames were lost on the way.
RunResult run_pipeline(const std::vector<std::string>& arguments, const RunOptions& options, Live& live, const std::atomic<Stop>& stop);

}  // namespace fkp
