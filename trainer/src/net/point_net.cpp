// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/point_net.h"

#include "net/export.h"
#include "net/layered_net.h"
#include "net/soft_argmax_net.h"

namespace fkp {

std::shared_ptr<PointNet> make_point_net(const Recipe& recipe) {
  const int points = recipe.scheme.size();
  if (recipe.network.layers.empty()) return std::make_shared<SoftArgmaxNetImpl>(recipe.network, recipe.crop.size, points);
  return std::make_shared<LayeredNet>(recipe.network, recipe.crop.size, points);
}

torch::Tensor mean_points(const torch::Tensor& maps, const torch::Tensor& grid) {
  // A product and a sum: a matrix product takes five times as long if libtorch has only the reference BLAS.
  return (maps.softmax(2).unsqueeze(2) * grid).sum(3);
}

torch::Tensor peak_points(const torch::Tensor& maps, const torch::Tensor& grid) {
  const auto cells = maps.argmax(2);
  return torch::stack({grid[0].take(cells), grid[1].take(cells)}, 2);
}

torch::Tensor cell_centers(cv::Size input, cv::Size maps) {
  const auto along = [](int pixels, int cells) {
    const double stride = static_cast<double>(pixels) / cells;
    return (torch::arange(cells, torch::kDouble) + 0.5).mul(stride).sub(0.5).to(torch::kFloat);
  };
  const auto yx = torch::meshgrid({along(input.height, maps.height), along(input.width, maps.width)}, "ij");
  return torch::stack({yx[1].flatten(), yx[0].flatten()});
}

void export_network(PointNet& network, cv::Size input, const std::string& description, const std::filesystem::path& file) {
  const auto forward = [&](const torch::Tensor& crops) -> c10::IValue {
    const NetOutput out = network.forward(crops);
    const auto points = out.confidence.defined() ? torch::cat({out.points, out.confidence.sigmoid().unsqueeze(2)}, 2) : out.points;
    if (!out.score.defined()) return points;
    return c10::ivalue::Tuple::create(points, out.score.sigmoid());
  };
  write_traced(network, torch::zeros({2, 1, input.height, input.width}), forward, description, file);
}

}  // namespace fkp
