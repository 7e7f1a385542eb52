// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/model.h"

#include <dlfcn.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fkp/core/error.h"

namespace fkp {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

/// A file that names an unknown scheme is at fault itself.
Scheme registered_scheme(const std::string& name) {
  try {
    return scheme(name);
  } catch (const Error& e) {
    throw Error(ErrorKind::unreadable, e.what());
  }
}

}  // namespace

std::string to_json(const ModelDescription& d) {
  return Json{{"name", d.name},
              {"scheme", Json::parse(to_json(d.scheme))},
              {"input", {{"size", d.input}, {"range", {d.range_black, d.range_white}}, {"margin", d.margin}}},
              {"output", {{"scale", d.scale}, {"offset", d.offset}}},
              {"training", Json::parse(d.training)}}
      .dump(1);
}

ModelDescription model_description_from_json(const std::string& text) {
  ModelDescription d;
  try {
    const Json json = Json::parse(text);
    d.name = json.at("name");
    const Json& named = json.at("scheme");
    d.scheme = named.is_string() ? registered_scheme(named) : scheme_from_json(named.dump());
    const Json& input = json.at("input");
    d.input = input.at("size");
    if (input.contains("range")) std::tie(d.range_black, d.range_white) = input["range"].get<std::pair<float, float>>();
    d.margin = input.value("margin", d.margin);
    if (json.contains("output")) {
      d.scale = json["output"].value("scale", d.scale);
      d.offset = json["output"].value("offset", d.offset);
    }
    if (json.contains("training")) d.training = json["training"].dump();
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::unreadable, std::string("its fkp.json is no model description: ") + e.what());
  }
  if (d.input < 8 || d.input > 4096)
    throw Error(ErrorKind::unreadable, "its fkp.json asks for crops of " + std::to_string(d.input) + " pixels");
  if (!(d.margin > 0)) throw Error(ErrorKind::unreadable, "its fkp.json has a crop margin that is not above 0");
  return d;
}

namespace {

/// The data folder that is installed with this library, wherever its prefix lies now.
fs::path installed_models() {
  Dl_info library;
  if (!dladdr(reinterpret_cast<const void*>(&find_model), &library) || !library.dli_fname) return {};
  std::error_code error;
  const fs::path file = fs::canonical(library.dli_fname, error);
  return (file.parent_path() / FKP_MODEL_DIR).lexically_normal();
}

}  // namespace

fs::path find_model(const std::string& name) {
  if (name.find('/') != std::string::npos || fs::path(name).has_extension()) {
    std::error_code unreadable;
    if (fs::exists(name, unreadable)) return name;
    throw Error(ErrorKind::not_found, "there is no model file '" + name + "'");
  }
  const char* environment = std::getenv("FKP_MODEL_PATH");
  const std::string folders = std::string(environment ? environment : "") + ":" + installed_models().string();
  std::istringstream list(folders);
  std::string sought;
  for (std::string folder; std::getline(list, folder, ':');) {
    if (folder.empty()) continue;
    fs::path file = fs::path(folder) / (name + ".pt");
    if (fs::exists(file)) return file;
    sought += (sought.empty() ? "" : ", ") + file.string();
  }
  throw Error(ErrorKind::not_found, "no model is named '" + name + "': sought " + sought + "; set FKP_MODEL_PATH or give a path");
}

}  // namespace fkp
