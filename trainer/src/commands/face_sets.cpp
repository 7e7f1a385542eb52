// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <filesystem>
#include <map>

#include "commands/commands.h"
#include "data/keypoint_data.h"
#include "data/pack.h"
#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "net/layer_table.h"
#include "readers/readers.h"

namespace fkp {
namespace {

/// The usual scheme of each kind of source; a packed set names its own.
const std::map<std::string, std::string> kUsual{{"asf", "imm-73"},       {"csv", "ibug-68"}, {"dlib", "ibug-68"}, {"ibug", "ibug-68"},
                                                {"kaggle", "kaggle-15"}, {"pack", ""},       {"wflw", "wflw-98"}};

}  // namespace

FaceSets face_sets_of(const std::string& data, const std::string& scheme_name) {
  FaceSets sets;
  const std::size_t colon = data.find(':');
  const auto usual = kUsual.find(data.substr(0, colon));
  if (usual != kUsual.end()) {
    sets.sources = {data};
    const std::string& name = scheme_name.empty() ? usual->second : scheme_name;
    sets.scheme = name.empty() ? scheme_of_pack(data.substr(colon + 1)) : scheme(name);
    return sets;
  }
  if (colon != std::string::npos && !std::filesystem::exists(data)) {
    if (is_list_of_boxes(data)) throw Error(ErrorKind::settings, data + " holds boxes of faces without points");
    std::string kinds;
    for (const auto& [kind, scheme] : kUsual) kinds += (kinds.empty() ? "" : ", ") + kind;
    throw Error(ErrorKind::settings, "'" + data + "' is no recipe, and its kind is none of " + kinds);
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
