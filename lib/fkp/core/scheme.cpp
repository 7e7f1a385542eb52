// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/scheme.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "fkp/core/error.h"

namespace fkp {
namespace {

void require(bool holds, const Scheme& scheme, const std::string& what) {
  if (!holds) throw Error(ErrorKind::unreadable, "scheme '" + scheme.name + "': " + what);
}

/// A point's index, which validate() checks. As an int, nlohmann-json would make point 0 of 0.7 and of 2^32.
int index_in(const nlohmann::ordered_json& json, const Scheme& scheme) {
  using Limits = std::numeric_limits<int>;
  require(json.is_number_integer() && json >= Limits::min() && json <= Limits::max(), scheme, json.dump() + " is not the index of a point");
  return json;
}

std::vector<int> indices_in(const nlohmann::ordered_json& json, const Scheme& scheme) {
  std::vector<int> indices;
  for (const auto& index : json) indices.push_back(index_in(index, scheme));
  return indices;
}

std::pair<int, int> pair_in(const nlohmann::ordered_json& json, const Scheme& scheme) {
  require(json.is_array() && json.size() == 2, scheme, json.dump() + " is not a pair of points");
  return {index_in(json[0], scheme), index_in(json[1], scheme)};
}

/// Reads a permutation, or the pairs of points that swap.
void read_mirror(const nlohmann::ordered_json& json, Scheme& scheme) {
  if (json.empty() || !json[0].is_array()) {
    scheme.mirror = indices_in(json, scheme);
    return;
  }
  for (const auto& pair : json) {
    const auto [a, b] = pair_in(pair, scheme);
    for (int i : {a, b})
      require(i >= 0 && i < scheme.size(), scheme,
              "'mirror' names point " + std::to_string(i) + " of 0 to " + std::to_string(scheme.size() - 1));
    scheme.mirror[a] = b;
    scheme.mirror[b] = a;
  }
}

}  // namespace

const Part* Scheme::part(const std::string& part_name) const {
  auto found = std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return p.name == part_name; });
  return found == parts.end() ? nullptr : &*found;
}

bool Scheme::can_mirror() const {
  for (int i = 0; i < size(); i++)
    if (mirror[i] != i) return true;
  return size() == 1;
}

const Scheme& scheme(const std::string& name) {
  std::string known;
  for (const Scheme& s : schemes()) {
    if (s.name == name) return s;
    known += (known.empty() ? "" : ", ") + s.name;
  }
  throw Error(ErrorKind::not_found, "no keypoint scheme is named '" + name + "'; known are " + known);
}

std::string to_json(const Scheme& scheme) {
  nlohmann::ordered_json json{{"name", scheme.name}, {"points", scheme.point_names}, {"mirror", scheme.mirror}};
  json["normaliser"] = {scheme.normaliser.first, scheme.normaliser.second};
  json["outlines"] = nlohmann::json::array();
  for (const Outline& o : scheme.outlines) json["outlines"].push_back({{"points", o.points}, {"closed", o.closed}});
  json["parts"] = nlohmann::ordered_json::object();
  for (const Part& p : scheme.parts) json["parts"][p.name] = p.points;
  return json.dump();
}

Scheme scheme_from_json(const std::string& text) {
  Scheme scheme;
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    scheme.name = json.at("name");
    scheme.point_names = json.at("points").get<std::vector<std::string>>();
    scheme.mirror.resize(scheme.point_names.size());
    std::iota(scheme.mirror.begin(), scheme.mirror.end(), 0);
    if (json.contains("mirror")) read_mirror(json["mirror"], scheme);
    if (json.contains("normaliser")) scheme.normaliser = pair_in(json["normaliser"], scheme);
    if (json.contains("outlines"))
      for (const auto& o : json["outlines"]) scheme.outlines.push_back({indices_in(o.at("points"), scheme), o.value("closed", false)});
    if (json.contains("parts"))
      for (const auto& [name, points] : json["parts"].items()) scheme.parts.push_back({name, indices_in(points, scheme)});
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::unreadable, std::string("not a keypoint scheme: ") + e.what());
  }
  validate(scheme);
  return scheme;
}

void validate(const Scheme& scheme) {
  const int n = scheme.size();
  require(n > 0, scheme, "it has no points");
  require(static_cast<int>(scheme.mirror.size()) == n, scheme, "'mirror' needs one index for each of the " + std::to_string(n) + " points");
  const auto check = [&](int i, const std::string& where) {
    require(i >= 0 && i < n, scheme, where + " names point " + std::to_string(i) + " of 0 to " + std::to_string(n - 1));
  };
  for (int i = 0; i < n; i++) {
    check(scheme.mirror[i], "'mirror'");
    require(scheme.mirror[scheme.mirror[i]] == i, scheme, "'mirror' is not its own inverse at point " + std::to_string(i));
  }
  for (const Outline& o : scheme.outlines)
    for (int i : o.points) check(i, "an outline");
  for (const Part& p : scheme.parts)
    for (int i : p.points) check(i, "part '" + p.name + "'");
  check(scheme.normaliser.first, "'normaliser'");
  check(scheme.normaliser.second, "'normaliser'");
}

}  // namespace fkp
