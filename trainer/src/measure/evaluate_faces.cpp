// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure/evaluate_faces.h"

#include <algorithm>
#include <chrono>

#include "data/scenes.h"
#include "readers/readers.h"

namespace fkp {
namespace {

constexpr float kLeastScore = 0.02f;  // lower scores only affect the tail of the AP

}  // namespace

FaceEvaluation evaluate(NetDetector& detector, const std::vector<Picture>& pictures) {
  using Clock = std::chrono::steady_clock;
  FaceEvaluation e;
  std::vector<double> times;
  for (const Picture& picture : pictures) {
    e.results.push_back({picture.faces, detector.find({picture.grey}, kLeastScore)});
    const auto start = Clock::now();  // of the search as in a pipeline: with AP's low least score, it takes longer
    detector.detect({picture.grey});
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  e.ms_per_image = times.empty() ? 0 : times[times.size() / 2];
  return e;
}

std::vector<Picture> read_faces(const std::string& source, const std::filesystem::path& root, int every) {
  std::vector<Picture> all;
  if (is_list_of_boxes(source)) {
    all = read_all_pictures({source}, root);
  } else {
    const Dataset data = read_dataset(source, root, scheme("ibug-68"));
    tell(source, data.samples.size(), "faces", data.refused);
    for (const Sample& sample : data.samples) all.push_back(boxed(sample));
  }
  std::vector<Picture> some;
  for (std::size_t i = 0; i < all.size(); i += static_cast<std::size_t>(every)) some.push_back(std::move(all[i]));
  return some;
}

}  // namespace fkp
