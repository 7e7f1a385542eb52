// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/face_search.h"

#include <algorithm>
#include <utility>

namespace fkp {
namespace {

/// The side of each copy divided by that of the one before. In one of them, any face that fits has a size that the network finds reliably
/// (docs/detector.md).
constexpr float kShrink = 0.3f;

}  // namespace

std::vector<FoundFace> find_faces(const FaceNetwork& network, const DetectorDescription& description, const Luma& picture, int longest,
                                  float least, SearchScratch& scratch) {
  check(picture);
  std::vector<FoundFace> all;
  Luma copy = picture;
  for (auto [side, i] = std::pair(static_cast<float>(longest), 0);; side *= kShrink, i = 1 - i) {
    const Letterbox box = letterbox(picture, static_cast<int>(side));
    const auto input = torch::empty({1, 1, box.input.height, box.input.width});
    fill(input.data_ptr<float>(), box, copy, description.range_black, description.range_white, scratch[i]);
    if (box.used != copy.pixels.size()) copy.pixels = scratch[i];  // the next one is made of it: there is less to read
    const auto maps = network(input);
    std::vector<FoundFace> faces;
    for (std::size_t m = 0; m < maps.size(); m++) {
      const auto map = maps[m].to(torch::kCPU, torch::kFloat).contiguous();
      decode(map.data_ptr<float>(), static_cast<int>(map.size(2)), static_cast<int>(map.size(3)), description.strides[m],
             description.scheme.size(), least, faces);
    }
    for (const FoundFace& face : faces) all.push_back(box.to_picture(face));
    side = static_cast<float>(std::max(box.used.width, box.used.height));
    if (description.largest_face == 0 || side <= static_cast<float>(description.largest_face)) break;
  }
  return suppress(std::move(all), description.overlap);
}

}  // namespace fkp
