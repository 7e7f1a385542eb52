// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/face.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace fkp {
namespace {

double rounded(float v) { return std::round(static_cast<double>(v) * 100) / 100; }

nlohmann::ordered_json json_of(const Face& face) {
  nlohmann::ordered_json points = nlohmann::json::array();
  for (const Point& p : face.points) points.push_back({rounded(p.x), rounded(p.y), rounded(p.confidence)});
  return {{"id", face.id},
          {"box", {rounded(face.box.x), rounded(face.box.y), rounded(face.box.width), rounded(face.box.height)}},
          {"score", rounded(face.score)},
          {"held", face.held},
          {"points", points}};
}

}  // namespace

std::string to_json(const FrameRecord& record) {
  nlohmann::ordered_json json{{"version", 1}};
  if (!record.stream.empty()) json["stream"] = record.stream;
  json["frame"] = record.frame;
  json["pts"] = record.pts ? nlohmann::ordered_json(*record.pts) : nlohmann::ordered_json();
  json["width"] = record.width;
  json["height"] = record.height;
  json["scheme"] = record.scheme;
  json["faces"] = nlohmann::json::array();
  for (const Face& face : record.faces) json["faces"].push_back(json_of(face));
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace fkp
