// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/keypoint_loss.h"

#include <algorithm>
#include <cmath>

namespace fkp {
namespace {

constexpr double kCertain = 0.02;  // of the crop's shorter side: the error at which the target confidence is 1/e

/// [N, K]: the Wing loss of the errors [N, K, 2], logarithmic near zero, linear beyond `w` (Feng et al., CVPR 2018, equation 5).
torch::Tensor wing(const torch::Tensor& error, double w, double curvature) {
  const auto size = error.abs();
  const double offset = w - w * std::log(1 + w / curvature);
  return torch::where(size < w, w * torch::log1p(size / curvature), size - offset).sum(2);
}

/// [N, K], from the points' errors [N, K, 2], crop pixels. All but the Wing loss as in PyTorch: means over the two coordinates.
torch::Tensor point_loss(const torch::Tensor& error, const TrainSpec& spec) {
  const auto zero = torch::zeros_like(error);
  switch (spec.loss) {
    case Loss::wing:
      return wing(error, spec.wing_width, spec.wing_curvature);
    case Loss::mse:
      return error.square().mean(2);
    case Loss::l1:
      return error.abs().mean(2);
    case Loss::smooth_l1:
      return torch::smooth_l1_loss(error, zero, at::Reduction::None).mean(2);
    case Loss::heatmaps:
      break;
  }
  return zero.select(2, 0);
}

/// Target maps: Gaussians of `sigma` crop pixels around the true points, with a peak of 1, or a sum of 1 for maps that are read
/// under their softmax. Each is the product of one along x and one along y.
torch::Tensor hills(const NetOutput& out, const torch::Tensor& truth, double sigma) {
  const auto along = [&](int axis, const torch::Tensor& centers) {
    const auto logarithm = (truth.select(2, axis).unsqueeze(2) - centers).square() / (-2 * sigma * sigma);
    return out.peaks ? logarithm.exp() : logarithm.softmax(2);
  };
  const auto format = out.maps.suggest_memory_format();
  return along(0, out.grid[0][0]).unsqueeze(2).contiguous(format) * along(1, out.grid[1].select(1, 0)).unsqueeze(3).contiguous(format);
}

/// [N, K]: how maps differ from these targets. Maps that are read under their softmax are distributions: cross entropy (Nibali et
/// al., 2018, section 3.3, with the Kullback–Leibler divergence). Others are images of the Gaussian: mean square error.
torch::Tensor map_loss(const NetOutput& out, const torch::Tensor& truth, double sigma) {
  const auto target = hills(out, truth, sigma);
  return out.peaks ? (out.maps - target).square().mean({2, 3}) : out.log_sum - (target * out.maps).sum({2, 3});
}

}  // namespace

torch::Tensor loss_of(const NetOutput& out, const Truth& of, const TrainSpec& spec, cv::Size input) {
  const auto known = of.points.isfinite().all(2).to(torch::kFloat);  // [N, K]
  const auto truth = of.points.nan_to_num();
  // From [N, K] to the mean over each face's known points, [N].
  const auto mean = [count = known.sum(1).clamp_min(1), &known](const torch::Tensor& each) { return (each * known).sum(1) / count; };
  const auto error = out.points - truth;
  auto per_face = mean(point_loss(error, spec));
  if (out.maps.defined())
    per_face = per_face + (spec.loss == Loss::heatmaps ? 1 : spec.map_shape) * mean(map_loss(out, truth, spec.map_sigma));
  if (out.confidence.defined()) {
    // A confidence predicts exp(−error / 2 % of the crop), which the maps' own sharpness does not tell.
    const auto certainty = torch::exp(-error.detach().norm(2, 2) / (kCertain * std::min(input.width, input.height)));
    per_face = per_face + mean(torch::binary_cross_entropy_with_logits(out.confidence, certainty, {}, {}, at::Reduction::None));
  }
  const auto loss = (per_face * of.weight).sum() / of.weight.sum().clamp_min(1e-6) * of.weight_share;
  if (!out.score.defined()) return loss;
  return loss + torch::binary_cross_entropy_with_logits(out.score, of.face, {}, {}, at::Reduction::Mean) * of.crop_share;
}

}  // namespace fkp
