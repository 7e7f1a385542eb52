// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/frame_json.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace fkp {
namespace {

using Json = nlohmann::ordered_json;

double rounded(float v, int decimals = 2) {
  const double scale = std::pow(10, decimals);
  return std::round(static_cast<double>(v) * scale) / scale;
}

Json json_of(const Face& face, const JsonOptions& options) {
  const auto has = [&](Include what) { return (options.include & what) != 0; };
  const auto place = [&](float v) { return rounded(v, options.decimals); };
  Json json{{"id", face.id}};
  if (has(kIncludeBox)) json["box"] = {place(face.box.x), place(face.box.y), place(face.box.width), place(face.box.height)};
  if (has(kIncludeScore)) json["score"] = rounded(face.score);
  if (has(kIncludeHeld)) json["held"] = face.held;
  if (has(kIncludePoints)) {
    Json& points = json["points"] = Json::array();
    for (const Point& p : face.points) {
      points.push_back({place(p.x), place(p.y)});
      if (has(kIncludeConfidence)) points.back().push_back(rounded(p.confidence));
    }
  }
  return json;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

std::string rfc3339(std::int64_t unix_ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t rest = (unix_ns % kSecond + kSecond) % kSecond;
  const auto seconds = static_cast<std::time_t>((unix_ns - rest) / kSecond);
  std::tm date{};
  gmtime_r(&seconds, &date);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
                date.tm_hour, date.tm_min, date.tm_sec, static_cast<int>(rest / 1000));
  return text.data();
}

std::string to_json(const FrameRecord& record, const JsonOptions& options) {
  Json json{{"version", 1}};
  if (!record.stream.empty()) json["stream"] = record.stream;
  json["frame"] = record.frame;
  json["pts"] = or_null(record.pts);
  if (options.include & kIncludeTime) {
    json["stream_time"] = or_null(record.stream_time);
    json["time"] = record.time ? Json(rfc3339(record.time->unix_ns)) : Json();
    json["time_source"] = record.time ? Json(record.time->reference ? "reference" : "clock") : Json();
  }
  json["width"] = record.width;
  json["height"] = record.height;
  json["scheme"] = record.scheme;
  Json& faces = json["faces"] = Json::array();
  for (const Face& face : record.faces) faces.push_back(json_of(face, options));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fkp
