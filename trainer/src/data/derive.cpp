// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/derive.h"

#include <algorithm>

#include "data/median.h"

namespace fkp {
namespace {

struct Derivation {
  const char *from, *to;
  std::vector<std::vector<int>> of;
};

// An eye centre is the mean of iBUG's points on the lids. In IMM's 58 points, the nose tip is the middle one of the nose's eleven.
const std::vector<Derivation> kDerivations{
    {"ibug-68", "nose-1", {{30}}},
    {"imm-58", "nose-1", {{52}}},
    {"imm-73", "nose-1", {{45}}},
    {"kaggle-15", "nose-1", {{10}}},
    {"mtfl-5", "nose-1", {{2}}},
    {"wflw-98", "nose-1", {{54}}},
    {"ibug-68", "mtfl-5", {{36, 37, 38, 39, 40, 41}, {42, 43, 44, 45, 46, 47}, {30}, {48}, {54}}},
    {"imm-73", "mtfl-5", {{32}, {33}, {45}, {46}, {52}}},
    {"kaggle-15", "mtfl-5", {{1}, {0}, {10}, {12}, {11}}},
    {"wflw-98", "mtfl-5", {{96}, {97}, {54}, {76}, {82}}},
    {"ibug-68",
     "kaggle-15",
     {{42, 43, 44, 45, 46, 47}, {36, 37, 38, 39, 40, 41}, {42}, {45}, {39}, {36}, {22}, {26}, {21}, {17}, {30}, {54}, {48}, {51}, {57}}},
};

}  // namespace

std::vector<std::vector<int>> points_taken(const std::string& from, const std::string& to) {
  for (const Derivation& d : kDerivations)
    if (d.from == from && d.to == to) return d.of;
  return {};
}

std::vector<std::string> schemes_with(const std::string& to) {
  std::vector<std::string> names;
  for (const Derivation& d : kDerivations)
    if (d.to == to) names.emplace_back(d.from);
  return names;
}

Points taken(const Points& points, const std::vector<std::vector<int>>& of) {
  Points derived;
  for (const auto& sources : of) {
    Point mean;
    for (int i : sources) {
      mean.x += points[static_cast<std::size_t>(i)].x / static_cast<float>(sources.size());
      mean.y += points[static_cast<std::size_t>(i)].y / static_cast<float>(sources.size());
    }
    derived.push_back(mean);  // NaN (unknown) if one of them is
  }
  return derived;
}

PointsToBox points_to_box(const std::vector<Sample>& samples, const Scheme& scheme) {
  std::vector<float> x, y, side;
  const auto add = [&](const PointsToBox& to_box) {
    x.push_back(to_box.x);
    y.push_back(to_box.y);
    side.push_back(to_box.side);
  };
  for (const Sample& s : samples) {
    if (!std::all_of(s.points.begin(), s.points.end(), is_known)) continue;
    if (s.face.width <= 0) {
      add({});
      continue;
    }
    const Region square = region_of(s.points, scheme, 1);
    const cv::Point2f shift = turned((s.face.tl() + s.face.br()) / 2 - square.center, -square.angle) / s.face.width;
    add({shift.x, shift.y, s.face.width / square.side});
  }
  return side.empty() ? PointsToBox{} : PointsToBox{median(x), median(y), scheme.size() == 1 ? 1 : median(side)};
}

}  // namespace fkp
