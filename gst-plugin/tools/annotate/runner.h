// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "gst_ptr.h"

namespace fkp {

struct RunOptions {
  std::string label;                  ///< of the progress line
  std::uint64_t duration = 0;         ///< of the film, nanoseconds; 0 where it is not known
  bool still = false;                 ///< keep the frame with a face nearest to the film's middle
  bool verbose = false;               ///< GStreamer's debug text behind each error
  std::chrono::seconds patience{10};  ///< after a stop: how long without a frame until the stream's end is given up
};

struct RunResult {
  std::uint64_t frames = 0, faces = 0, frames_with_face = 0;
  double seconds = 0;
  bool interrupted = false;  ///< ended before the film did; what was written is whole all the same
  GstPtr<GstSample> still;   ///< null where there was no face, or none was wanted
};

/// Runs a pipeline of gst-launch-1.0's syntax, with elements "detect" and "overlay", to its end. Once `stop` is set the
/// stream is ended properly, or given up with an error. Throws std::runtime_error with the first error of the pipeline.
RunResult run_pipeline(const std::vector<std::string>& arguments, const RunOptions& options, const std::atomic<bool>& stop);

/// Throws std::runtime_error.
void save_png(GstSample* frame, const std::string& file);

}  // namespace fkp
