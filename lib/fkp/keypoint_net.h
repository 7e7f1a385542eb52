// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fkp/core/image.h"
#include "fkp/core/statistics.h"
#include "fkp/core/tracks.h"
#include "fkp/model.h"

namespace fkp {

struct KeypointNetOptions {
  std::string model = "fkp68";  ///< as in find_model
  std::string device = "auto";  ///< "cpu", "cuda", "cuda:N", or "auto": CUDA where there is one, else the CPU
  int threads = 1;              ///< of the CPU; more are faster on an idle machine only (docs/performance.md)
  int batch_size = 8;           ///< crops that go through the network at once, of all callers together, at most
  double batch_timeout = 0;     ///< seconds that a crop waits for those of other threads that asked within the last second
  /// What convolutions multiply: "fp32"; "bf16", bfloat16 on a processor that has it, a quarter quicker at the same mean error
  /// (docs/performance.md); or "auto", bf16 where it can be had.
  std::string precision = "fp32";

  bool operator==(const KeypointNetOptions& o) const {
    return model == o.model && device == o.device && threads == o.threads && batch_size == o.batch_size &&
           batch_timeout == o.batch_timeout && precision == o.precision;
  }
};

/// A network that finds the keypoints of faces. All members may be called from any thread. It runs one batch at a time, which
/// bounds the processor threads in use however many streams share it; what several threads ask while it is busy is answered as
/// the next one.
class KeypointNet {
 public:
  /// Loads, optimises and warms up: 0.2 to 2 s. Throws Error: not_found for no such model, unreadable for a file that is no
  /// model or has no description, mismatch for outputs that do not fit the described scheme, no_device for a device or a
  /// precision that was asked for and is not there, settings for a precision of another name.
  explicit KeypointNet(const KeypointNetOptions& options);
  ~KeypointNet();
  KeypointNet(const KeypointNet&) = delete;
  KeypointNet& operator=(const KeypointNet&) = delete;

  const ModelDescription& description() const;
  /// "cpu", "cuda:0" …: where it runs.
  const std::string& device() const;
  /// "fp32" or "bf16": in what its convolutions run.
  const std::string& precision() const;

  /// Looks into regions of a picture (both in square pixels, see Luma), all in one batch. One Look for each region, in
  /// square pixels of the picture; its score is the points' mean confidence for a model that gives no score, and 1 for one
  /// that gives neither. Throws std::runtime_error where the device fails. Inferences and times are added to `statistics`.
  std::vector<Look> look(const Luma& picture, const std::vector<Region>& regions, Statistics* statistics = nullptr);

  /// Whether its looks can tell a face from none: the model gives a score, or confidences.
  bool knows_faces() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace fkp
