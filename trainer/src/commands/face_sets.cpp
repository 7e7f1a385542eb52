// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <filesystem>

#include "commands/commands.h"
#include "data/keypoint_data.h"
#include "data/pack.h"
#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "net/layer_table.h"
#include "readers/readers.h"

namespace fkp {
FaceSets face_sets_of(const std::string& data, const std::string& scheme_name) {
  FaceSets sets;
  const std::size_t colon = data.find(':');
  if (const FaceSource* known = face_source(data)) {
    sets.sources = {data};
    const std::string name = scheme_name.empty() ? known->scheme : scheme_name;
    sets.scheme = name.empty() ? scheme_of_pack(data.substr(colon + 1)) : scheme(name);
    return sets;
  }
  if (colon != std::string::npos && !std::filesystem::exists(data)) {
    if (is_list_of_boxes(data)) throw Error(ErrorKind::settings, data + " holds boxes of faces without points");
    throw Error(ErrorKind::settings, "'" + data + "' is no recipe, and none of " + face_sources());
  }
  const Recipe recipe = with_scheme_of_data(read_recipe(data));
  for (const DataSource& s : recipe.sets)
    if (is_list_of_boxes(s.set))
      spdlog::info("{} is left out: it holds boxes of faces without points", s.set);
    else
      sets.sources.push_back(s.set);
  if (sets.sources.empty()) throw Error(ErrorKind::settings, data + " has no set of faces with points");
  sets.root = recipe.root;
  sets.scheme = recipe.scheme;
  sets.augment = recipe.augment;
  sets.whole_picture = recipe.crop.whole_picture;
  if (recipe.task == TaskKind::keypoints) sets.network = layer_table(recipe);
  return sets;
}

}  // namespace fkp
