// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/export.h"

#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/script.h>

#include <sstream>

#include "whole_file.h"

namespace fkp {
namespace {

/// The nn::Module's tree as a jit::Module that shares its tensors. Every level needs a `training` attribute, or
/// torch::jit::freeze and optimize_for_inference have no effect on it.
torch::jit::Module mirrored(const torch::nn::Module& net, const std::string& name,
                            const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  torch::jit::Module out(c10::QualifiedName(name), unit);
  for (const auto& p : net.named_parameters(false)) out.register_parameter(p.key(), p.value(), false);
  for (const auto& b : net.named_buffers(false)) out.register_buffer(b.key(), b.value());
  out.register_attribute("training", c10::BoolType::get(), net.is_training());
  for (const auto& child : net.named_children()) out.register_module(child.key(), mirrored(*child.value(), name + "_" + child.key(), unit));
  return out;
}

}  // namespace

void write_traced(torch::nn::Module& network, const torch::Tensor& example, const std::function<c10::IValue(const torch::Tensor&)>& forward,
                  const std::string& description, const std::filesystem::path& file, torch::Dtype stored) {
  const torch::NoGradGuard no_grad;
  network.eval();
  auto module = mirrored(network, "__torch__.fkp", std::make_shared<torch::jit::CompilationUnit>());
  const auto run = [&](torch::jit::Stack in) -> torch::jit::Stack { return {forward(in[0].toTensor())}; };
  const auto traced =
      torch::jit::tracer::trace({example}, run, [](const torch::autograd::Variable&) { return ""; }, true, false, &module, {"input"});
  auto* method =
      module._ivalue()->compilation_unit()->create_function(c10::QualifiedName(*module.type()->name(), "forward"), traced.first->graph);
  module.type()->addMethod(method);
  if (stored != torch::kFloat) {
    module = module.deepcopy();  // its tensors are shared with the network
    const auto convert = [&](const auto& tensors) {
      for (torch::Tensor t : tensors)
        if (t.is_floating_point()) t.set_data(t.to(stored));
    };
    convert(module.parameters());
    convert(module.buffers());
  }
  // Through memory: on a full disk, libtorch's own writer does not throw Error.
  std::ostringstream bytes;
  module.save(bytes, {{"fkp.json", description}});
  write_bytes(file, bytes.str());
}

}  // namespace fkp
