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
  std::string device = "auto";     ///< as in KeypointNetOptions
  int threads = 1;                 ///< CPU threads
  int detect_size = 0;             ///< pixels: longest side given to the network; 0: the model's own best size
  std::string precision = "fp32";  ///< as in KeypointNetOptions
};

/// A detector whose network comes from a model file; it also finds rotated, small and partly hidden faces. For one thread at a time.
class NetDetector : public Detector {
 public:
  /// Throws Error: not_found, unreadable (also if the model is not a face detector), mismatch, no_device, settings if there is no precision
  /// of that name.
  explicit NetDetector(const NetDetectorOptions& options);
  ~NetDetector() override;
  NetDetector(const NetDetector&) = delete;
  NetDetector& operator=(const NetDetector&) = delete;

  /// Face boxes with scores of at least 0.1; a threshold of 0.5 gives about one false box in ten pictures. Throws std::runtime_error if the
  /// device fails, and std::invalid_argument as check(picture).
  std::vector<Detection> detect(const Luma& picture) override;
  bool knows_upside_down() const override { return true; }
  std::vector<Detection> detect_upside_down(const Luma& picture) override;

  /// Like detect(), but gives the network's own boxes (forehead to chin, taller than wide) with their points, for scores of at least
  /// `least`, best first; in square pixels of the picture.
  std::vector<FoundFace> find(const Luma& picture, float least);

  const DetectorDescription& description() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
  cv::Mat turned_;  // reused between calls
};

/// Whether a model (file, or name in the model path) is a face detector. Throws Error: not_found, unreadable.
bool finds_faces(const std::string& model);

}  // namespace fkp
