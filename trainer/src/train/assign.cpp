// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/assign.h"

#include <algorithm>
#include <cmath>

#include "fkp/core/geometry.h"

namespace fkp {
namespace {

constexpr float kNear = 1.5f;         // strides: greatest distance, per axis, of candidate cells from a face's centre
constexpr int kAgreeing = 10;         // a face gets as many cells as the sum of this many best overlaps; YOLOX
constexpr float kOverlapCost = 3;     // weight of the box's cost relative to the score's; YOLOX
constexpr float kConvinced = 0.5f;    // least score of a confident cell
constexpr float kElsewhere = 0.2f;    // greatest overlap of an unlabelled face with any labelled one
constexpr float kLeastShare = 1e-6f;  // keeps logarithms finite

struct Candidate {
  int cell;
  float cost, overlap;
};

/// The cells near the face's centre, whatever its size: even a face smaller than a stride has some.
std::vector<Candidate> candidates(const std::vector<Cell>& cells, const cv::Rect2f& face) {
  const cv::Point2f center(face.x + face.width / 2, face.y + face.height / 2);
  std::vector<Candidate> near;
  for (std::size_t i = 0; i < cells.size(); i++) {
    const Cell& cell = cells[i];
    const cv::Point2f away = cell.center - center;
    if (std::max(std::abs(away.x), std::abs(away.y)) > kNear * cell.stride) continue;
    const float overlap = iou(cell.box, face);
    near.push_back({static_cast<int>(i),
                    -std::log(std::max(cell.score, kLeastShare)) - kOverlapCost * std::log(std::max(overlap, kLeastShare)), overlap});
  }
  return near;
}

/// How many cells a face gets.
int share_of(const std::vector<Candidate>& near) {
  std::vector<float> overlaps;
  for (const Candidate& c : near) overlaps.push_back(c.overlap);
  const auto last = overlaps.begin() + std::min<std::ptrdiff_t>(kAgreeing, static_cast<std::ptrdiff_t>(overlaps.size()));
  std::partial_sort(overlaps.begin(), last, overlaps.end(), std::greater<>());
  float sum = 0;
  for (auto i = overlaps.begin(); i != last; ++i) sum += *i;
  return std::max(1, static_cast<int>(sum));
}

bool may_be_unlabelled(const Cell& cell, const std::vector<cv::Rect2f>& faces, const std::vector<Unlabelled>& unlabelled) {
  if (cell.score < kConvinced) return false;
  const auto covers = [&](const Unlabelled& u) { return u.where.contains(cell.center) && size_of(cell.box) <= u.largest; };
  return std::any_of(unlabelled.begin(), unlabelled.end(), covers) &&
         std::none_of(faces.begin(), faces.end(), [&](const cv::Rect2f& f) { return iou(f, cell.box) > kElsewhere; });
}

}  // namespace

std::vector<int> assign(const std::vector<Cell>& cells, const std::vector<cv::Rect2f>& faces, const std::vector<cv::Rect2f>& ignored,
                        const std::vector<Unlabelled>& unlabelled) {
  std::vector<int> to(cells.size(), kBackground);
  std::vector<float> cost(cells.size(), 0);
  for (std::size_t f = 0; f < faces.size(); f++) {
    std::vector<Candidate> near = candidates(cells, faces[f]);
    const auto share = std::min<std::ptrdiff_t>(share_of(near), static_cast<std::ptrdiff_t>(near.size()));
    std::partial_sort(near.begin(), near.begin() + share, near.end(),
                      [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
    for (auto c = near.begin(); c != near.begin() + share; ++c)
      if (to[c->cell] == kBackground || c->cost < cost[c->cell]) {
        to[c->cell] = static_cast<int>(f);
        cost[c->cell] = c->cost;
      }
  }
  for (std::size_t i = 0; i < cells.size(); i++) {
    if (to[i] != kBackground) continue;
    const bool nobody_knows = std::any_of(ignored.begin(), ignored.end(), [&](const cv::Rect2f& r) { return r.contains(cells[i].center); });
    if (nobody_knows || may_be_unlabelled(cells[i], faces, unlabelled)) to[i] = kNothing;
  }
  return to;
}

}  // namespace fkp
