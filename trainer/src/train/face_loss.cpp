// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/face_loss.h"

#include <algorithm>

#include "net/detector_net.h"
#include "train/assign.h"
#include "train/device_of.h"

namespace fkp {
namespace {

constexpr double kBoxWeight = 2, kPointWeight = 1;
constexpr double kPointKnee = 0.05;  // of the face's size: where the points' loss becomes linear

/// All cells of all maps in one sequence, and their positions.
struct Grid {
  torch::Tensor values;  // [N, 5 + 2·points, cells]
  std::vector<cv::Point2f> centers;
  std::vector<float> strides;
};

Grid grid_of(const std::vector<torch::Tensor>& maps) {
  Grid grid;
  std::vector<torch::Tensor> rows;
  for (std::size_t level = 0; level < maps.size(); level++) {
    const auto stride = static_cast<float>(kDetectorStrides[level]);
    for (std::int64_t y = 0; y < maps[level].size(2); y++)
      for (std::int64_t x = 0; x < maps[level].size(3); x++) {
        grid.centers.emplace_back((static_cast<float>(x) + 0.5f) * stride - 0.5f, (static_cast<float>(y) + 0.5f) * stride - 0.5f);
        grid.strides.push_back(stride);
      }
    rows.push_back(maps[level].flatten(2));
  }
  grid.values = torch::cat(rows, 2);
  return grid;
}

/// Intersection over union of boxes, row by row: centre x and y, width, height.
torch::Tensor overlap(const torch::Tensor& a, const torch::Tensor& b) {
  const auto low = torch::max(a.narrow(1, 0, 2) - a.narrow(1, 2, 2) / 2, b.narrow(1, 0, 2) - b.narrow(1, 2, 2) / 2);
  const auto high = torch::min(a.narrow(1, 0, 2) + a.narrow(1, 2, 2) / 2, b.narrow(1, 0, 2) + b.narrow(1, 2, 2) / 2);
  const auto both = (high - low).clamp_min(0).prod(1);
  return both / (a.select(1, 2) * a.select(1, 3) + b.select(1, 2) * b.select(1, 3) - both + 1e-6);
}

/// The penalty of EIoU: squared differences of centre, width and height, relative to the box around both.
torch::Tensor strangeness(const torch::Tensor& a, const torch::Tensor& b) {
  const auto low = torch::min(a.narrow(1, 0, 2) - a.narrow(1, 2, 2) / 2, b.narrow(1, 0, 2) - b.narrow(1, 2, 2) / 2);
  const auto high = torch::max(a.narrow(1, 0, 2) + a.narrow(1, 2, 2) / 2, b.narrow(1, 0, 2) + b.narrow(1, 2, 2) / 2);
  const auto around = (high - low).square() + 1e-6;
  const auto away = (a - b).square();
  return away.narrow(1, 0, 2).sum(1) / around.sum(1) + (away.narrow(1, 2, 2) / around).sum(1);
}

/// The predictions of one picture's cells, for assign().
std::vector<Cell> cells_of(const Grid& grid, const torch::Tensor& values) {
  const auto rows = values.accessor<float, 2>();
  std::vector<Cell> cells(grid.centers.size());
  for (std::size_t i = 0; i < cells.size(); i++) {
    const auto at = [&](int row) { return rows[row][static_cast<std::int64_t>(i)]; };
    const float s = grid.strides[i], w = s * std::exp(at(3)), h = s * std::exp(at(4));
    const cv::Point2f c = grid.centers[i] + cv::Point2f(at(1), at(2)) * s;
    cells[i] = {grid.centers[i], s, 1 / (1 + std::exp(-at(0))), {c.x - w / 2, c.y - h / 2, w, h}};
  }
  return cells;
}

/// The cells of all pictures with an assigned face, and their targets.
struct Wanted {
  std::vector<std::int64_t> picture, cell;
  std::vector<float> place;           // cell's centre and stride
  std::vector<float> box;             // centre, width, height
  std::vector<float> points, known;   // 1 for a known point, 0 for one that is not: its place is 0, 0
  double with_points = 0;             // faces of which some points are known
  std::vector<std::int64_t> nothing;  // picture · cells + cell, of those left out of the loss
};

void add(Wanted& wanted, const Grid& grid, const std::vector<int>& to, const Scene& scene, std::int64_t picture, std::size_t points) {
  for (std::size_t i = 0; i < to.size(); i++) {
    if (to[i] == kNothing) wanted.nothing.push_back(picture * static_cast<std::int64_t>(to.size()) + static_cast<std::int64_t>(i));
    if (to[i] < 0) continue;
    const SceneFace& face = scene.faces[to[i]];
    wanted.picture.push_back(picture);
    wanted.cell.push_back(static_cast<std::int64_t>(i));
    wanted.place.insert(wanted.place.end(), {grid.centers[i].x, grid.centers[i].y, grid.strides[i]});
    const cv::Rect2f& b = face.box;
    wanted.box.insert(wanted.box.end(), {b.x + b.width / 2, b.y + b.height / 2, b.width, b.height});
    wanted.with_points += std::any_of(face.points.begin(), face.points.end(), is_known);
    for (std::size_t k = 0; k < points; k++) {
      const bool known = k < face.points.size() && is_known(face.points[k]);
      const Point p = known ? face.points[k] : Point{};
      wanted.points.insert(wanted.points.end(), {p.x, p.y});
      wanted.known.push_back(known ? 1.f : 0.f);
    }
  }
}

}  // namespace

torch::Tensor face_loss(const std::vector<torch::Tensor>& maps, const std::vector<Scene>& scenes, const Workers& workers) {
  const Grid grid = grid_of(maps);
  const auto points = static_cast<std::size_t>(grid.values.size(1) - 5) / 2;
  const auto now = grid.values.detach().cpu().contiguous();
  Wanted wanted;
  for (std::size_t n = 0; n < scenes.size(); n++) {
    std::vector<cv::Rect2f> boxes;
    for (const SceneFace& face : scenes[n].faces) boxes.push_back(face.box);
    const auto picture = static_cast<std::int64_t>(n);
    const auto to = assign(cells_of(grid, now[picture]), boxes, scenes[n].ignored, scenes[n].unlabelled);
    add(wanted, grid, to, scenes[n], picture, points);
  }
  const auto logits = grid.values.select(1, 0);
  const auto device = logits.device();
  auto quality = torch::zeros_like(logits), weight = torch::ones_like(logits);
  if (!wanted.nothing.empty()) weight.view(-1).index_fill_(0, torch::tensor(wanted.nothing).to(device), 0);
  const auto count = static_cast<std::int64_t>(wanted.cell.size());
  const std::vector<double> all = workers.sum({static_cast<double>(count), wanted.with_points});  // of the whole batch
  auto loss = torch::zeros({}, logits.options());
  if (count > 0) {
    const auto n = torch::tensor(wanted.picture).to(device), c = torch::tensor(wanted.cell).to(device);
    const auto said = grid.values.permute({0, 2, 1}).index({n, c});  // [count, values]
    const auto place = tensor_of(wanted.place, {count, 3}, device);
    const auto center = place.narrow(1, 0, 2), stride = place.narrow(1, 2, 1);
    const auto truth = tensor_of(wanted.box, {count, 4}, device);
    const auto box = torch::cat({center + said.narrow(1, 1, 2) * stride, said.narrow(1, 3, 2).clamp_max(6).exp() * stride}, 1);
    const auto fit = overlap(box, truth);
    quality.index_put_({n, c}, fit.detach());
    loss = loss + kBoxWeight * (1 - fit + strangeness(box, truth)).mean() * (static_cast<double>(count) / all[0]);
    const auto size = (truth.select(1, 2) * truth.select(1, 3)).sqrt().reshape({count, 1, 1});
    const auto k = static_cast<std::int64_t>(points);
    const auto known = tensor_of(wanted.known, {count, k}, device);
    const auto found = center.unsqueeze(1) + said.narrow(1, 5, 2 * k).reshape({count, k, 2}) * stride.unsqueeze(1);
    const auto away =
        torch::smooth_l1_loss(found / size, tensor_of(wanted.points, {count, k, 2}, device) / size, at::Reduction::None, kPointKnee);
    loss = loss + kPointWeight * ((away.sum(2) * known).sum(1) / known.sum(1).clamp_min(1)).sum() / std::max(all[1], 1.);
  }
  const auto doubt = (logits.sigmoid() - quality).square().detach() *
                     torch::binary_cross_entropy_with_logits(logits, quality, {}, {}, at::Reduction::None);
  return loss + (doubt * weight).sum() / std::max(all[0], 1.);
}

}  // namespace fkp
