// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/core/scheme.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "fkp/core/error.h"

namespace fkp {
namespace {

/// A run of consecutive points that is a part and an outline at once.
struct Run {
  const char* part;
  int count;
  bool closed;
};

Scheme from_runs(const char* name, const std::vector<Run>& runs, const std::vector<std::pair<int, int>>& mirrored,
                 std::pair<int, int> normaliser) {
  Scheme scheme;
  scheme.name = name;
  scheme.normaliser = normaliser;
  for (const Run& run : runs) {
    std::vector<int> points(run.count);
    std::iota(points.begin(), points.end(), scheme.size());
    for (int i = 0; i < run.count; i++)
      scheme.point_names.push_back(run.count == 1 ? run.part : std::string(run.part) + "-" + std::to_string(i));
    scheme.parts.push_back({run.part, points});
    if (run.count > 1) scheme.outlines.push_back({points, run.closed});
  }
  scheme.mirror.resize(scheme.point_names.size());
  std::iota(scheme.mirror.begin(), scheme.mirror.end(), 0);
  for (auto [a, b] : mirrored) std::swap(scheme.mirror[a], scheme.mirror[b]);
  return scheme;
}

// iBUG's 68 points: Sagonas et al., "300 Faces in-the-Wild Challenge", ICCVW 2013, figure 1; here counted from 0.
Scheme ibug68() {
  return from_runs("ibug-68",
                   {{"jaw", 17, false},
                    {"right-brow", 5, false},
                    {"left-brow", 5, false},
                    {"nose-bridge", 4, false},
                    {"nose-base", 5, false},
                    {"right-eye", 6, true},
                    {"left-eye", 6, true},
                    {"outer-lips", 12, true},
                    {"inner-lips", 8, true}},
                   {{0, 16},  {1, 15},  {2, 14},  {3, 13},  {4, 12},  {5, 11},  {6, 10},  {7, 9},   {17, 26}, {18, 25},
                    {19, 24}, {20, 23}, {21, 22}, {31, 35}, {32, 34}, {36, 45}, {37, 44}, {38, 43}, {39, 42}, {40, 47},
                    {41, 46}, {48, 54}, {49, 53}, {50, 52}, {55, 59}, {56, 58}, {60, 64}, {61, 63}, {65, 67}},
                   {36, 45});
}

// Five points as in MTFL (Zhang et al., ECCV 2014): eye centres, nose tip, mouth corners.
Scheme mtfl5() {
  return from_runs(
      "mtfl-5", {{"right-eye", 1, false}, {"left-eye", 1, false}, {"nose", 1, false}, {"right-mouth", 1, false}, {"left-mouth", 1, false}},
      {{0, 1}, {3, 4}}, {0, 1});
}

Scheme nose1() { return from_runs("nose-1", {{"nose", 1, false}}, {}, {0, 0}); }

void require(bool holds, const Scheme& scheme, const std::string& what) {
  if (!holds) throw Error(ErrorKind::unreadable, "scheme '" + scheme.name + "': " + what);
}

}  // namespace

const Part* Scheme::part(const std::string& part_name) const {
  auto found = std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return p.name == part_name; });
  return found == parts.end() ? nullptr : &*found;
}

const std::vector<Scheme>& schemes() {
  static const std::vector<Scheme> all{ibug68(), mtfl5(), nose1()};
  return all;
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
    if (json.contains("mirror")) scheme.mirror = json["mirror"].get<std::vector<int>>();
    if (json.contains("normaliser")) scheme.normaliser = json["normaliser"].get<std::pair<int, int>>();
    if (json.contains("outlines"))
      for (const auto& o : json["outlines"]) scheme.outlines.push_back({o.at("points"), o.value("closed", false)});
    if (json.contains("parts"))
      for (const auto& [name, points] : json["parts"].items()) scheme.parts.push_back({name, points});
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
