// SPDX-License-Identifier: LGPL-2.1-or-later
// The registered schemes, as data. docs/schemes.md describes them.
#include <numeric>

#include "fkp/core/scheme.h"

namespace fkp {
namespace {

/// A run of consecutive points that is both a part and an outline.
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

// WFLW's 98 points: Wu et al., "Look at Boundary", CVPR 2018.
Scheme wflw98() {
  return from_runs("wflw-98",
                   {{"jaw", 33, false},
                    {"right-brow", 9, true},
                    {"left-brow", 9, true},
                    {"nose-bridge", 4, false},
                    {"nose-base", 5, false},
                    {"right-eye", 8, true},
                    {"left-eye", 8, true},
                    {"outer-lips", 12, true},
                    {"inner-lips", 8, true},
                    {"right-pupil", 1, false},
                    {"left-pupil", 1, false}},
                   {{0, 32},  {1, 31},  {2, 30},  {3, 29},  {4, 28},  {5, 27},  {6, 26},  {7, 25},  {8, 24},  {9, 23},  {10, 22},
                    {11, 21}, {12, 20}, {13, 19}, {14, 18}, {15, 17}, {33, 46}, {34, 45}, {35, 44}, {36, 43}, {37, 42}, {38, 50},
                    {39, 49}, {40, 48}, {41, 47}, {55, 59}, {56, 58}, {60, 72}, {61, 71}, {62, 70}, {63, 69}, {64, 68}, {65, 75},
                    {66, 74}, {67, 73}, {76, 82}, {77, 81}, {78, 80}, {83, 87}, {84, 86}, {88, 92}, {89, 91}, {93, 95}, {96, 97}},
                   {60, 72});
}

// The IMM Frontal Face Database's 73 points: Fagertun and Stegmann, Technical University of Denmark, 2005.
Scheme imm73() {
  return from_runs("imm-73",
                   {{"right-brow", 8, true},
                    {"left-brow", 8, true},
                    {"right-eye", 8, true},
                    {"left-eye", 8, true},
                    {"right-pupil", 1, false},
                    {"left-pupil", 1, false},
                    {"nose", 11, false},
                    {"nose-tip", 1, false},
                    {"outer-lips", 10, true},
                    {"upper-lip", 3, false},
                    {"lower-lip", 3, false},
                    {"jaw", 11, false}},
                   {{0, 8},   {1, 15},  {2, 14},  {3, 13},  {4, 12},  {5, 11},  {6, 10},  {7, 9},   {16, 24}, {17, 31}, {18, 30},
                    {19, 29}, {20, 28}, {21, 27}, {22, 26}, {23, 25}, {32, 33}, {34, 44}, {35, 43}, {36, 42}, {37, 41}, {38, 40},
                    {46, 52}, {47, 51}, {48, 50}, {53, 55}, {56, 58}, {59, 61}, {62, 72}, {63, 71}, {64, 70}, {65, 69}, {66, 68}},
                   {16, 24});
}

// The IMM Face Database's 58 points: Nordstrøm et al., Technical University of Denmark, 2004. No mirror: it is not published which points
// swap in a mirrored picture.
Scheme imm58() {
  return from_runs("imm-58",
                   {{"jaw", 13, false},
                    {"left-eye", 8, true},
                    {"right-eye", 8, true},
                    {"left-brow", 5, false},
                    {"right-brow", 5, false},
                    {"mouth", 8, true},
                    {"nose", 11, false}},
                   {}, {0, 0});
}

// The 15 points of Kaggle's Facial Keypoints Detection (2013), in the order of its columns.
Scheme kaggle15() {
  Scheme scheme = from_runs("kaggle-15",
                            {{"left-eye-center", 1, false},
                             {"right-eye-center", 1, false},
                             {"left-eye-inner-corner", 1, false},
                             {"left-eye-outer-corner", 1, false},
                             {"right-eye-inner-corner", 1, false},
                             {"right-eye-outer-corner", 1, false},
                             {"left-eyebrow-inner-end", 1, false},
                             {"left-eyebrow-outer-end", 1, false},
                             {"right-eyebrow-inner-end", 1, false},
                             {"right-eyebrow-outer-end", 1, false},
                             {"nose-tip", 1, false},
                             {"mouth-left-corner", 1, false},
                             {"mouth-right-corner", 1, false},
                             {"mouth-center-top-lip", 1, false},
                             {"mouth-center-bottom-lip", 1, false}},
                            {{0, 1}, {2, 4}, {3, 5}, {6, 8}, {7, 9}, {11, 12}}, {5, 3});
  scheme.parts = {{"left-eye", {0, 2, 3}}, {"right-eye", {1, 4, 5}}, {"left-brow", {6, 7}},
                  {"right-brow", {8, 9}},  {"nose", {10}},           {"mouth", {11, 12, 13, 14}}};
  scheme.outlines = {{{3, 2}}, {{5, 4}}, {{7, 6}}, {{9, 8}}, {{12, 13, 11, 14}, true}};
  return scheme;
}

}  // namespace

const std::vector<Scheme>& schemes() {
  static const std::vector<Scheme> all{ibug68(), imm58(), imm73(), kaggle15(), mtfl5(), nose1(), wflw98()};
  return all;
}

}  // namespace fkp
