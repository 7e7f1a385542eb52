// SPDX-License-Identifier: LGPL-2.1-or-later
#include "page/filters.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace fkp {
namespace {

constexpr int kSide = 96;             // pixels of a tile
constexpr std::int64_t kAtMost = 64;  // filters

}  // namespace

void show_first_filters(torch::nn::Module& network, Page& page) {
  const auto parameters = network.parameters();
  const auto first = std::find_if(parameters.begin(), parameters.end(), [](const torch::Tensor& p) { return p.dim() == 4; });
  if (first == parameters.end()) return;
  const auto weights =
      first->detach().mean(1).to(torch::kCPU, torch::kFloat).contiguous();  // [filters, rows, columns]; usually there is one channel
  const float most = std::max(weights.abs().max().item<float>(), 1e-9f);
  const int rows = static_cast<int>(weights.size(1)), columns = static_cast<int>(weights.size(2));
  std::vector<Tile> tiles;
  for (std::int64_t i = 0; i < std::min(kAtMost, weights.size(0)); i++) {
    const cv::Mat filter(rows, columns, CV_32F, weights[i].data_ptr<float>());
    cv::Mat grey;
    filter.convertTo(grey, CV_8U, 127 / most, 128);
    cv::resize(grey, grey, {kSide, kSide * rows / columns}, 0, 0, cv::INTER_NEAREST);
    tiles.push_back({grey, ""});
  }
  page.section("First-layer filters");
  page.text(std::to_string(weights.size(0)) + " of " + std::to_string(rows) + "×" + std::to_string(columns) +
            "; grey is 0, white the greatest weight, black its negative.");
  page.tiles(tiles);
}

}  // namespace fkp
