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
  early,  ///< properly, with what is done
  now,    ///< what is not whole is given up
};

struct RunOptions {
  std::uint64_t duration = 0;  ///< nanoseconds; 0 where it is not known
  const Format* format = nullptr;
  std::string csv;                    ///< the file to write; empty: none
  bool still = false;                 ///< keep the frame with a face nearest to the film's middle
  bool verbose = false;               ///< GStreamer's debug text behind each error
  bool ends_early = true;             ///< Stop::early ends the film where it is; else it is finished
  std::chrono::seconds patience{10};  ///< after Stop::early: how long without a frame until the stream's end is given up
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

/// What others may see of a run while it lasts.
struct Live {
  Tally tally;  ///< of the frames that were looked at
  std::atomic<std::uint64_t> faces{0}, frames_with_face{0};
  std::atomic<std::uint64_t> duration{0};
};

struct RunResult {
  double seconds = 0;
  std::uint64_t end = 0;     ///< nanoseconds at which the last of the film's streams ended; 0 where it is not known
  bool ended_early = false;  ///< what was written is whole all the same
  GstPtr<GstSample> still;   ///< null where there was no face, or none was wanted
};

/// Stop::now, thrown.
struct Dropped : std::runtime_error {
  Dropped() : std::runtime_error("given up half-way") {}
};

/// Runs a pipeline as pipeline_text() makes it to its end. Throws Dropped, and std::runtime_error with the first error of the
/// pipeline or where frames were lost on the way.
RunResult run_pipeline(const std::vector<std::string>& arguments, const RunOptions& options, Live& live, const std::atomic<Stop>& stop);

}  // namespace fkp
