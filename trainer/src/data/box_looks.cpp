// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/box_looks.h"

#include "data/scenes.h"

namespace fkp {

std::vector<BoxLook> look_at_boxes(KeypointNet& net, const Picture& picture) {
  constexpr float kSmallest = 24;  // pixels
  const ModelDescription& d = net.description();
  const Luma grey{picture.grey};
  std::vector<std::size_t> faces;
  std::vector<Region> regions;
  for (std::size_t i = 0; i < picture.faces.size(); i++) {
    if (size_of(picture.faces[i]) < kSmallest) continue;
    faces.push_back(i);
    regions.push_back(region_of(grey, square_in(picture.faces[i]), d.crop));
  }
  // The box says roughly where to look, the first points exactly.
  const std::vector<Look> rough = net.look(grey, regions);
  for (std::size_t k = 0; k < rough.size(); k++)
    if (rough[k].shows_face(0)) regions[k] = region_of(grey, rough[k].points, rough[k].box.width, d);
  std::vector<Look> looks = net.look(grey, regions);
  std::vector<BoxLook> found;
  for (std::size_t k = 0; k < looks.size(); k++) found.push_back({faces[k], std::move(looks[k])});
  return found;
}

}  // namespace fkp
