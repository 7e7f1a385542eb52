// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "fkp/core/image.h"
#include "fkp/core/statistics.h"
#include "fkp/core/tracks.h"
#include "fkp/model.h"

namespace fkp {

struct KeypointNetOptions {
  std::string model = "fkp68";                 ///< as in find_model
  std::string device = "auto";                 ///< "cpu", "cuda", "cuda:N", or "auto": CUDA if available, else the CPU
  int threads = 1;                             ///< CPU threads; more than one is faster only on an idle machine (docs/performance.md)
  int batch_size = 8;                          ///< maximum number of crops in one inference, over all callers together
  std::chrono::milliseconds batch_timeout{0};  ///< maximum wait for crops of other threads that called within the last second
  /// Number format of the convolutions: "fp32"; "bf16", bfloat16 on a processor that supports it, a quarter faster at the same mean error
  /// (docs/performance.md); or "auto", bf16 if available.
  std::string precision = "fp32";
};

/// A network that finds the keypoints of faces. All members may be called from any thread. It runs one batch at a time, which bounds the
/// number of CPU threads in use however many streams share it; requests that arrive while it is busy form the next batch.
class KeypointNet {
 public:
  /// Loads, optimises and warms up: 0.2 to 2 s. Throws Error: not_found if there is no such model, unreadable if the file is not a model or
  /// has no description, mismatch if its outputs do not fit the described scheme, no_device if the requested device or precision is not
  /// available, settings if there is no precision of that name.
  /// For the whole process, and for good, it switches off what of libtorch is global: TorchScript's TensorExpr fuser, which compiles for
  /// each new shape, and on CUDA cuDNN's TF32.
  explicit KeypointNet(const KeypointNetOptions& options);
  ~KeypointNet();
  KeypointNet(const KeypointNet&) = delete;
  KeypointNet& operator=(const KeypointNet&) = delete;

  const ModelDescription& description() const;
  /// Where it runs: "cpu", "cuda:0" …
  const std::string& device() const;
  /// The number format of its convolutions: "fp32" or "bf16".
  const std::string& precision() const;

  /// Runs the network on regions of a picture, in batches of at most batch_size. Returns one Look for each region. Regions and looks are in
  /// square pixels of the picture (see Luma); a region is finite, its side above 0. The score is the points' mean confidence if the model
  /// gives no score, and 1 if it gives neither. Throws std::runtime_error if the device fails, and std::invalid_argument as check(picture).
  /// Inferences and times are added to `statistics`.
  std::vector<Look> look(const Luma& picture, const std::vector<Region>& regions, Statistics* statistics = nullptr);

  /// Whether it can tell faces from non-faces: whether the model gives a score, or confidences.
  bool knows_faces() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace fkp
