// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/start.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "fkp/core/error.h"
#include "net/weights_file.h"

namespace fkp {
namespace {

const std::string kBackbone = "resnet.";             // torchvision's names have no such prefix
const std::string kBatches = "num_batches_tracked";  // missing from files of older PyTorch, and not needed here

const torch::Tensor* find(const Weights& weights, const std::string& name) {
  const auto found = weights.find(name);
  if (found != weights.end()) return &found->second;
  if (name.rfind(kBackbone, 0) == 0) return find(weights, name.substr(kBackbone.size()));
  return nullptr;
}

bool is_of(const std::string& name, const std::vector<std::string>& modules) {
  return std::any_of(modules.begin(), modules.end(), [&](const std::string& m) { return name.rfind(m + '.', 0) == 0; });
}

/// A grey picture has the same value in all three channels, so their weights can be summed.
torch::Tensor grey(const torch::Tensor& weight, const torch::Tensor& as) {
  const bool colours = weight.dim() == 4 && as.dim() == 4 && weight.size(1) == 3 && as.size(1) == 1;
  return colours ? weight.sum(1, true) : weight;
}

}  // namespace

void start_from(torch::nn::Module& network, const std::vector<std::string>& last, const std::filesystem::path& file) {
  const torch::NoGradGuard no_grad;
  const Weights weights = read_weights(file);
  std::string fresh, wrong;
  int taken = 0;
  const auto take = [&](const std::string& name, torch::Tensor to) {
    const torch::Tensor* from = find(weights, name);
    if (!from && name.find(kBatches) != std::string::npos) return;
    const torch::Tensor fitting = from ? grey(*from, to) : torch::Tensor();
    if (from && fitting.sizes() == to.sizes()) {
      to.copy_(fitting);
      taken++;
      return;
    }
    std::string& list = is_of(name, last) ? fresh : wrong;
    list += (list.empty() ? "" : ", ") + name + " (" + c10::str(to.sizes()) + " here, " + (from ? c10::str(from->sizes()) : "absent") +
            " there)";
  };
  for (const auto& p : network.named_parameters()) take(p.key(), p.value());
  // Not the buffers of the network itself, which follow from the recipe: the cells of its maps, the scale of its output.
  for (const auto& child : network.named_children())
    for (const auto& b : child.value()->named_buffers()) take(child.key() + '.' + b.key(), b.value());
  if (!wrong.empty()) throw Error(ErrorKind::mismatch, file.string() + " does not fit this network: " + wrong);
  spdlog::info("{} tensors from {}{}", taken, file.string(), fresh.empty() ? "" : "; starting anew: " + fresh);
}

}  // namespace fkp
