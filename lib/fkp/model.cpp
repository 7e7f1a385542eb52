// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/model.h"

#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fkp/core/boxes.h"
#include "fkp/core/crop_names.h"
#include "fkp/core/error.h"

namespace fkp {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

/// If a file names an unknown scheme, the file itself is at fault: unreadable, not not_found.
Scheme registered_scheme(const std::string& name) {
  try {
    return scheme(name);
  } catch (const Error& e) {
    throw Error(ErrorKind::unreadable, e.what());
  }
}

Scheme scheme_in(const Json& json) {
  const Json& named = json.at("scheme");
  return named.is_string() ? registered_scheme(named) : scheme_from_json(named.dump());
}

const std::string kKeypoints = "keypoints", kFaces = "faces";  // what a model finds

/// Parses a description; throws unless it is of a model that finds `wanted`.
Json parsed(const std::string& text, const std::string& wanted) {
  Json json = Json::parse(text);
  const std::string finds = json.value("finds", kKeypoints);
  if (finds != wanted) throw Error(ErrorKind::unreadable, "is a model that finds " + finds + ", not " + wanted);
  return json;
}

constexpr char kDescription[] = "its description (fkp.json, or the JSON file beside it) ";

[[noreturn]] void no_description(const std::exception& why) {
  throw Error(ErrorKind::unreadable, std::string(kDescription) + "is no model's: " + why.what());
}

template <typename Value>
using Choices = std::vector<std::pair<std::string, Value>>;

/// The value of the choice that `key` names; the first one's if the key is absent.
template <typename Value>
Value choice(const Json& json, const char* key, const Choices<Value>& choices) {
  const std::string named = json.value(key, choices.front().first);
  std::string known;
  for (const auto& [name, value] : choices) {
    if (name == named) return value;
    known += (known.empty() ? "\"" : ", \"") + name + '"';
  }
  throw Error(ErrorKind::unreadable, std::string(kDescription) + "has '" + key + "' \"" + named + "\", which is none of " + known);
}

template <typename Value>
std::string name_of(const Value& value, const Choices<Value>& choices) {
  return std::find_if(choices.begin(), choices.end(), [&](const auto& c) { return c.second == value; })->first;
}

void require(bool holds, const std::string& what) {
  if (!holds) throw Error(ErrorKind::unreadable, kDescription + what);
}

void require_box(float x, float y, float side) {
  require(std::isfinite(x) && std::isfinite(y), "has a face box at no place");
  require(side > 0 && std::isfinite(side), "has a face box whose side is not above 0");
}

/// A whole number of pixels.
int pixels_in(const Json& json, int least, int most) {
  require(json.is_number_integer() && json >= least && json <= most, "asks for pictures of " + json.dump() +
                                                                         " pixels, not of a whole number from " + std::to_string(least) +
                                                                         " to " + std::to_string(most));
  return json;
}

/// A square's side, or width and height.
cv::Size size_in(const Json& json) {
  constexpr int kLeast = 8, kMost = 4096;
  if (!json.is_array()) {
    const int side = pixels_in(json, kLeast, kMost);
    return {side, side};
  }
  require(json.size() == 2, "has a size of " + json.dump() + ", not of one number or of two");
  return {pixels_in(json[0], kLeast, kMost), pixels_in(json[1], kLeast, kMost)};
}

/// Reads the network's input values for black and white, if `input` gives them.
void read_range(const Json& input, float& black, float& white) {
  if (!input.contains("range")) return;
  const Json& range = input["range"];
  require(range.is_array() && range.size() == 2 && range[0] != range[1], "has a range of " + range.dump() + ", not of two numbers");
  black = range[0];
  white = range[1];
  require(std::isfinite(black) && std::isfinite(white), "has a range of " + range.dump() + ", which is too large");
}

/// Keys that older readers do not know are written only if they differ from the default.
Json input_json(const ModelDescription& d) {
  const CropSpec& c = d.crop;
  Json json{{"size", c.size.width == c.size.height ? Json(c.size.width) : Json{c.size.width, c.size.height}},
            {"range", {d.range_black, d.range_white}},
            {"margin", c.margin}};
  if (c.whole_picture) json["crop"] = name_of(c.whole_picture, kCropNames);
  if (c.equalise != Equalise::none) json["equalise"] = name_of(c.equalise, kEqualiseNames);
  return json;
}

}  // namespace

std::string to_json(const ModelDescription& d) {
  Json json{{"name", d.name},
            {"scheme", Json::parse(to_json(d.scheme))},
            {"input", input_json(d)},
            {"output", {{"scale", d.scale}, {"offset", d.offset}}}};
  const PointsToBox& box = d.face_box;
  if (!box.is_square()) json["face_box"] = {{"x", box.x}, {"y", box.y}, {"side", box.side}};
  json["training"] = Json::parse(d.training);
  return json.dump(1);
}

ModelDescription model_description_from_json(const std::string& text) {
  ModelDescription d;
  try {
    const Json json = parsed(text, kKeypoints);
    d.name = json.at("name");
    d.scheme = scheme_in(json);
    const Json& input = json.at("input");
    d.crop.size = size_in(input.at("size"));
    read_range(input, d.range_black, d.range_white);
    d.crop.margin = input.value("margin", d.crop.margin);
    d.crop.whole_picture = choice(input, "crop", kCropNames);
    d.crop.equalise = choice(input, "equalise", kEqualiseNames);
    if (json.contains("output")) {
      d.scale = json["output"].value("scale", d.scale);
      d.offset = json["output"].value("offset", d.offset);
    }
    if (json.contains("face_box")) {
      const Json& box = json["face_box"];
      d.face_box = {box.at("x"), box.at("y"), box.at("side")};
    }
    if (json.contains("training")) d.training = json["training"].dump();
  } catch (const nlohmann::json::exception& e) {
    no_description(e);
  }
  require_box(d.face_box.x, d.face_box.y, d.face_box.side);
  require(d.crop.margin > 0 && std::isfinite(d.crop.margin), "has a crop margin that is not above 0");
  require(d.scale != 0 && std::isfinite(d.scale) && std::isfinite(d.offset), "has an output of scale 0, or that is no number");
  return d;
}

std::string to_json(const DetectorDescription& d) {
  return Json{{"name", d.name},
              {"finds", kFaces},
              {"scheme", Json::parse(to_json(d.scheme))},
              {"input", {{"longest", d.longest}, {"largest_face", d.largest_face}, {"range", {d.range_black, d.range_white}}}},
              {"output", {{"strides", d.strides}, {"overlap", d.overlap}}},
              {"face_box", {{"x", d.shift_x}, {"y", d.shift_y}, {"side", d.side}}},
              {"training", Json::parse(d.training)}}
      .dump(1);
}

DetectorDescription detector_description_from_json(const std::string& text) {
  DetectorDescription d;
  try {
    const Json json = parsed(text, kFaces);
    d.name = json.at("name");
    d.scheme = scheme_in(json);
    const Json &input = json.at("input"), &output = json.at("output"), &box = json.at("face_box");
    d.longest = pixels_in(input.at("longest"), kInputMultiple, 8192);
    if (input.contains("largest_face")) d.largest_face = pixels_in(input["largest_face"], 0, 8192);
    read_range(input, d.range_black, d.range_white);
    d.strides = output.at("strides").get<std::vector<int>>();
    d.overlap = output.value("overlap", d.overlap);
    d.shift_x = box.at("x");
    d.shift_y = box.at("y");
    d.side = box.at("side");
    if (json.contains("training")) d.training = json["training"].dump();
  } catch (const nlohmann::json::exception& e) {
    no_description(e);
  }
  require(!d.strides.empty() && std::all_of(d.strides.begin(), d.strides.end(), [](int s) { return s >= 1 && kInputMultiple % s == 0; }),
          "has strides that do not divide " + std::to_string(kInputMultiple));
  require(d.overlap > 0 && d.overlap <= 1, "has an overlap that does not lie above 0, at most 1");
  require_box(d.shift_x, d.shift_y, d.side);
  return d;
}

bool is_of_detector(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  return json.is_object() && json.contains("finds") && json["finds"] == kFaces;
}

namespace {

/// The face box in the face's own axes.
Region face_of(const Points& points, float side, const ModelDescription& d) {
  Region face = region_of(points, d.scheme, 1);
  face.side = d.scheme.size() == 1 ? side : d.face_box.side * face.side;
  face.center += turned({d.face_box.x * face.side, d.face_box.y * face.side}, face.angle);
  return face;
}

cv::Rect2f square_at(cv::Point2f center, float side) { return {center.x - side / 2, center.y - side / 2, side, side}; }

}  // namespace

cv::Rect2f face_box_of(const Points& points, float side, const ModelDescription& d) {
  if (d.crop.whole_picture || (d.scheme.size() > 1 && d.face_box.is_square())) return face_box(points);
  const Region face = face_of(points, side, d);
  return square_at(face.center, face.side);
}

Region region_of(const Luma& picture, const Points& points, float side, const ModelDescription& d) {
  if (d.crop.whole_picture) return whole_region(picture, d.crop.size);
  Region region = face_of(points, side, d);
  region.side *= d.crop.margin;
  return region;
}

cv::Rect2f face_box_of(const cv::Rect2f& box, float angle, const DetectorDescription& d) {
  const float cos = std::cos(angle), sin = std::sin(angle);
  // The face's own width and height, as the box around a rotated ellipse would have them.
  const float width = std::hypot(box.width * cos, box.height * sin), height = std::hypot(box.width * sin, box.height * cos);
  return square_at((box.tl() + box.br()) / 2 + turned({d.shift_x * width, d.shift_y * height}, angle), d.side * std::sqrt(box.area()));
}

namespace {

/// The data folder that is installed with this library, even if its prefix has been moved.
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
    std::error_code unreadable;
    if (fs::exists(file, unreadable)) return file;
    sought += (sought.empty() ? "" : ", ") + file.string();
  }
  throw Error(ErrorKind::not_found, "no model is named '" + name + "': sought " + sought + "; set FKP_MODEL_PATH or give a path");
}

}  // namespace fkp
