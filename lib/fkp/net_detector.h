// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fkp/core/boxes.h"
#include "fkp/detector.h"
#include "fkp/model.h"

namespace fkp {

struct NetDetectorOptions {
  std::string model = "fkpface";   ///< file, or name in the model path (find_model)
  std::string device = "auto";     ///< as of KeypointNetOptions
  int threads = 1;                 ///< of the CPU
  int detect_size = 0;             ///< pixels: longest side given to the network; 0: what the model is at its best with
  std::string precision = "fp32";  ///< as of KeypointNetOptions
};

/// A detector whose network comes from a model file: turned, small and partly hidden faces too. For one thread at a time.
class NetDetector : public Detector {
 public:
  /// Throws Error: not_found, unreadable (also for a model that finds something else), mismatch, no_device,
  /// settings for a precision of another name.
  explicit NetDetector(const NetDetectorOptions& options);
  ~NetDetector() override;
  NetDetector(const NetDetector&) = delete;
  NetDetector& operator=(const NetDetector&) = delete;

  /// Face boxes with their scores, where one half means about one false box in ten pictures. Throws std::runtime_error where
  /// the device fails.
  std::vector<Detection> detect(const Luma& picture) override;

  /// The same as the network's own boxes (forehead to chin, higher than wide) with their points, best first, from a score of
  /// `least` on; in square pixels of the picture.
  std::vector<FoundFace> find(const Luma& picture, float least);

  const DetectorDescription& description() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
  cv::Mat scratch_;  // kept for its memory
};

/// Whether a model (file, or name in the model path) is a face detector. Throws Error: not_found, unreadable.
bool finds_faces(const std::string& model);

std::unique_ptr<Detector> make_net_detector(const NetDetectorOptions& options);

}  // namespace fkp
