// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/net_detector.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "fkp/core/error.h"
#include "fkp/face_search.h"
#include "fkp/runtime.h"

namespace fkp {
namespace {

constexpr float kLeastScore = 0.1f;  // of a detection; the caller's own threshold is higher

/// The maps of an output, one per stride.
std::vector<torch::Tensor> unpack(const c10::IValue& output) {
  std::vector<torch::Tensor> maps;
  if (output.isTuple())
    for (const c10::IValue& map : output.toTupleRef().elements())
      if (map.isTensor()) maps.push_back(map.toTensor());
  return maps;
}

}  // namespace

class NetDetector::Worker {
 public:
  explicit Worker(const NetDetectorOptions& options) : runner_(options.threads, [this, &options] { load(options); }) {}

  std::vector<FoundFace> find(const Luma& picture, float least) {
    const c10::InferenceMode inference;
    return find_faces([this](const torch::Tensor& input) { return run(input); }, description_, picture, longest_, least, scratch_);
  }

  const DetectorDescription& description() const { return description_; }

 private:
  std::vector<torch::Tensor> run(const torch::Tensor& input) {
    std::vector<torch::Tensor> maps;
    runner_.run([&] { maps = unpack(runtime_.run(input)); });
    const auto fits = [&](const torch::Tensor& map) { return map.dim() == 4 && map.size(0) == 1 && map.size(1) == values(); };
    if (maps.size() != description_.strides.size() || !std::all_of(maps.begin(), maps.end(), fits))
      throw std::runtime_error("the face detector failed on " + runtime_.device_name() +
                               ": its output has another shape than when it was loaded");
    return maps;
  }

  void load(const NetDetectorOptions& options) {
    ModelKind kind;
    kind.describe = [&](const std::string& json) {
      description_ = detector_description_from_json(json);
      longest_ = std::max(kInputMultiple, options.detect_size > 0 ? options.detect_size : description_.longest);
    };
    kind.example = [this](int count) {
      const int side = std::min(longest_, description_.longest);  // a larger one would take seconds, and is seldom needed
      return torch::zeros({count, 1, rounded_up(side * 3 / 4), rounded_up(side)});
    };
    kind.check = [&](const c10::IValue& output, int count) { check(unpack(output), kind.example(count)); };
    runtime_.load(options.model, options.device, options.precision, kind);
  }

  /// Values per cell.
  std::int64_t values() const { return 5 + 2 * description_.scheme.size(); }

  void check(const std::vector<torch::Tensor>& maps, const torch::Tensor& input) const {
    const auto& strides = description_.strides;
    if (maps.size() != strides.size())
      throw Error(ErrorKind::mismatch,
                  "it gives " + std::to_string(maps.size()) + " maps, its description " + std::to_string(strides.size()) + " strides");
    for (std::size_t i = 0; i < maps.size(); i++) {
      const auto expected = torch::empty({input.size(0), values(), input.size(2) / strides[i], input.size(3) / strides[i]});
      if (maps[i].sizes() != expected.sizes())
        throw Error(ErrorKind::mismatch, "its map of stride " + std::to_string(strides[i]) + " is " + c10::str(maps[i].sizes()) + ", not " +
                                             c10::str(expected.sizes()));
    }
  }

  DetectorDescription description_;
  int longest_ = 0;
  SearchScratch scratch_;
  Runtime runtime_;
  NetworkRunner runner_;  // last: it uses the others
};

NetDetector::NetDetector(const NetDetectorOptions& options) : worker_(std::make_unique<Worker>(options)) {}
NetDetector::~NetDetector() = default;

const DetectorDescription& NetDetector::description() const { return worker_->description(); }

std::vector<FoundFace> NetDetector::find(const Luma& picture, float least) { return worker_->find(picture, least); }

std::vector<Detection> NetDetector::detect(const Luma& picture) {
  std::vector<Detection> found;
  for (const FoundFace& face : find(picture, kLeastScore)) {
    const float roll = roll_of(face.points, description().scheme), angle = std::isfinite(roll) ? roll : 0;
    found.push_back({face_box_of(face.box, angle, description()), face.score, angle});
  }
  return found;
}

std::vector<Detection> NetDetector::detect_upside_down(const Luma& picture) {
  check(picture);
  cv::rotate(picture.pixels, turned_, cv::ROTATE_180);
  std::vector<Detection> found = detect({turned_, picture.video_range, picture.pixel_aspect});
  const cv::Size2f size = picture.square_size();
  for (Detection& d : found) {
    d.box.x = size.width - 1 - (d.box.x + d.box.width);
    d.box.y = size.height - 1 - (d.box.y + d.box.height);
    d.angle += static_cast<float>(CV_PI);
  }
  return found;
}

bool finds_faces(const std::string& model) {
  const std::string file = find_model(model).string();
  std::string json;
  try {
    read_module(file, json);
    return is_of_detector(json);
  } catch (const Error& e) {
    throw Error(e.kind(), file + ": " + e.what());
  }
}

}  // namespace fkp
