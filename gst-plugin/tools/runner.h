// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace fkp {

struct RunOptions {
  std::string label;           ///< of the progress line
  std::uint64_t duration = 0;  ///< of the film, nanoseconds; 0 where it is not known
  std::string still;           ///< the PNG file to write; empty: none
  bool verbose = false;        ///< GStreamer's debug text behind each error
};

struct RunResult {
  std::uint64_t frames = 0, faces = 0, frames_with_face = 0;
  double seconds = 0;
  bool interrupted = false;  ///< ended before the film did; what was written is whole all the same
  bool still = false;        ///< whether there was a face to make it of
};

/// Runs a pipeline of gst-launch-1.0's syntax, with elements "detect" and "overlay", to its end. Once `stop` is set the
/// stream is ended properly. Throws std::runtime_error with the first error of the pipeline.
RunResult run_pipeline(const std::vector<std::string>& arguments, const RunOptions& options, const std::atomic<bool>& stop);

}  // namespace fkp
