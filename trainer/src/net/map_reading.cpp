// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/map_reading.h"

namespace fkp {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// With p the softmax of the maps m, c the centres and v the values: points = Σ p·c, mean = Σ p·v, log_sum = log Σ exp m.
/// The centres form rows and columns, so that sums over them need no product of the maps' size.
struct ReadMaps : torch::autograd::Function<ReadMaps> {
  static variable_list forward(AutogradContext* context, const Tensor& maps, const Tensor& values, const Tensor& grid) {
    const auto x = grid[0][0], y = grid[1].select(1, 0);
    const auto most = maps.amax({2, 3}, true);
    auto p = maps.sub(most).exp_();
    const auto sum = p.sum({2, 3}, true);
    p.div_(sum);
    const auto points = torch::stack({(p.sum(2) * x).sum(2), (p.sum(3) * y).sum(2)}, 2);
    const auto mean = values.numel() > 0 ? (p * values).sum({2, 3}) : torch::zeros_like(sum).flatten(1);
    context->save_for_backward({p, values, x, y, points, mean});
    return {points, mean, sum.log().add_(most).flatten(1)};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &p = saved[0], &values = saved[1], &x = saved[2], &y = saved[3], &points = saved[4], &mean = saved[5];
    const auto &of_points = gradients[0], &of_mean = gradients[1], &of_log_sum = gradients[2];
    // The gradient with respect to m_i is p_i · (g_i − Σ p·g), where g is that with respect to p; and p_i for log_sum.
    const auto common = (of_points * points).sum(2) + of_mean * mean - of_log_sum;  // [N, K]
    const auto format = p.suggest_memory_format();
    const auto along_x = (of_points.select(2, 0).unsqueeze(2) * x).unsqueeze(2).contiguous(format);  // [N, K, 1, columns]
    const auto along_y =
        (of_points.select(2, 1).unsqueeze(2) * y - common.unsqueeze(2)).unsqueeze(3).contiguous(format);  // [N, K, rows, 1]
    auto of_maps = along_x + along_y;
    Tensor of_values;
    if (values.numel() > 0) {
      const auto weight = of_mean.unsqueeze(2).unsqueeze(3);
      of_maps.addcmul_(values, weight);
      of_values = p * weight;
    }
    return {of_maps.mul_(p), of_values, Tensor()};
  }
};

}  // namespace

MapReading read_maps(const Tensor& maps, const Tensor& values, const Tensor& grid) {
  const auto read =
      ReadMaps::apply(maps, values.defined() ? values : torch::empty({0}, maps.options()), grid);  // apply() takes no undefined tensor
  return {read[0], values.defined() ? read[1] : Tensor(), read[2]};
}

}  // namespace fkp
