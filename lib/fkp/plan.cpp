// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/plan.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "fkp/primitives.h"

namespace fkp {
namespace {

namespace jit = torch::jit;

constexpr std::size_t kMostShapes = 32;  // whose primitives are kept

/// Numbers that stand in the graph.
std::optional<std::vector<std::int64_t>> integers(const jit::Value* value) {
  const auto constant = jit::toIValue(value);
  return constant && constant->isIntList() ? std::optional(constant->toIntVector()) : std::nullopt;
}

std::optional<std::int64_t> integer(const jit::Value* value) {
  const auto constant = jit::toIValue(value);
  return constant && constant->isInt() ? std::optional(constant->toInt()) : std::nullopt;
}

bool is(const jit::Value* value, bool expected) {
  const auto constant = jit::toIValue(value);
  return constant && constant->isBool() && constant->toBool() == expected;
}

bool all(const std::optional<std::vector<std::int64_t>>& values, std::int64_t expected) {
  return values && std::all_of(values->begin(), values->end(), [&](std::int64_t v) { return v == expected; });
}

/// Reads a graph's operations into layers, as long as they are of the known kinds.
class Reader {
 public:
  explicit Reader(std::vector<PlanLayer>& layers) : layers_(layers) {}

  void add_input(const jit::Value* value) { values_[value] = 0; }
  bool knows(const jit::Value* value) const { return values_.count(value) > 0; }
  std::size_t number(const jit::Value* value) const { return values_.at(value); }

  /// Whether the operation is one of the plan's now.
  bool take(const jit::Node& node) {
    if (node.inputs().empty() || node.outputs().size() != 1 || !knows(node.input(0))) return false;
    const auto known = kOperations.find(node.kind().toQualString());
    return known != kOperations.end() && (this->*known->second)(node);
  }

 private:
  using Operation = bool (Reader::*)(const jit::Node&);
  static const std::unordered_map<std::string, Operation> kOperations;

  void append(const jit::Node& node, PlanLayer layer) {
    layer.input = number(node.input(0));
    layers_.push_back(std::move(layer));
    values_[node.output()] = layers_.size();
  }

  /// The layer that makes the value, where the value is used by one operation alone: that may become part of the layer.
  PlanLayer* own(const jit::Value* value) {
    return knows(value) && number(value) > 0 && value->uses().size() == 1 ? &layers_[number(value) - 1] : nullptr;
  }

  bool convolution(const jit::Node& node) {  // input, weight, bias, stride, padding, dilation, …, groups
    const bool traced = node.kind() == c10::Symbol::fromQualString("aten::_convolution");
    const auto weight = jit::toIValue(node.input(1)), bias = jit::toIValue(node.input(2));
    const auto stride = integers(node.input(3)), padding = integers(node.input(4));
    if (!weight || !weight->isTensor() || weight->toTensor().dim() != 4 || !bias) return false;
    if (!stride || stride->size() != 2 || !padding || padding->size() != 2 || !all(integers(node.input(5)), 1)) return false;
    if (integer(node.input(traced ? 8 : 6)) != 1 || (traced && !is(node.input(6), false))) return false;  // groups, transposed
    PlanLayer layer;
    layer.weight = weight->toTensor().contiguous();
    layer.bias = bias->isTensor() ? bias->toTensor().contiguous() : torch::zeros(layer.weight.size(0));
    layer.kernel = {layer.weight.size(2), layer.weight.size(3)};
    layer.stride = *stride;
    layer.padding = *padding;
    append(node, std::move(layer));
    return true;
  }

  bool pooling(const jit::Node& node) {  // input, kernel, stride, padding, dilation, ceil mode
    const auto kernel = integers(node.input(1)), padding = integers(node.input(3));
    auto stride = integers(node.input(2));
    if (!kernel || kernel->size() != 2 || !stride || !padding || padding->size() != 2 || !all(integers(node.input(4)), 1) ||
        !is(node.input(5), false))
      return false;
    if (stride->empty()) stride = kernel;
    PlanLayer layer;
    layer.kind = PlanLayer::Kind::pooling;
    layer.kernel = *kernel;
    layer.stride = *stride;
    layer.padding = *padding;
    append(node, std::move(layer));
    return true;
  }

  bool enlarging(const jit::Node& node) {  // input, size, factors
    const auto size = integers(node.input(1));
    const auto factors = jit::toIValue(node.input(2));
    PlanLayer layer;
    layer.kind = PlanLayer::Kind::enlarging;
    if (size && size->size() == 2) {
      layer.size = *size;
    } else if (factors && factors->isDoubleList()) {
      const auto list = factors->toDoubleVector();
      if (list.size() != 2 || list[0] != list[1] || list[0] != std::floor(list[0])) return false;
      layer.factor = static_cast<std::int64_t>(list[0]);
    } else {
      return false;
    }
    append(node, std::move(layer));
    return true;
  }

  bool relu(const jit::Node& node) {
    PlanLayer* layer = own(node.input(0));
    if (!layer || layer->kind == PlanLayer::Kind::pooling) return false;
    layer->relu = true;
    values_[node.output()] = number(node.input(0));
    return true;
  }

  /// The later of the two summands takes the earlier one in.
  bool sum(const jit::Node& node) {
    if (!knows(node.input(1)) || integer(node.input(2)) != 1) return false;
    const bool first = number(node.input(0)) > number(node.input(1));
    const jit::Value *later = node.input(first ? 0 : 1), *earlier = node.input(first ? 1 : 0);
    PlanLayer* layer = own(later);
    if (!layer || layer->kind == PlanLayer::Kind::pooling || layer->relu || layer->addend || number(earlier) == 0) return false;
    layer->addend = number(earlier);
    values_[node.output()] = number(later);
    return true;
  }

  std::vector<PlanLayer>& layers_;
  std::unordered_map<const jit::Value*, std::size_t> values_;
};

const std::unordered_map<std::string, Reader::Operation> Reader::kOperations{{"aten::_convolution", &Reader::convolution},
                                                                             {"aten::conv2d", &Reader::convolution},
                                                                             {"aten::max_pool2d", &Reader::pooling},
                                                                             {"aten::upsample_nearest2d", &Reader::enlarging},
                                                                             {"aten::relu", &Reader::relu},
                                                                             {"aten::relu_", &Reader::relu},
                                                                             {"aten::add", &Reader::sum},
                                                                             {"aten::add_", &Reader::sum}};

}  // namespace

Plan::Plan() : layers_(std::make_unique<PlanLayers>()) {}
Plan::~Plan() = default;

std::unique_ptr<Plan> Plan::take(torch::jit::Graph& graph, const torch::Tensor& example) {
  auto plan = std::make_unique<Plan>();
  const auto inputs = graph.inputs();
  Reader reader(plan->layers_->layers);
  jit::Value* picture = inputs.back();  // before it stands the module, which a frozen graph no longer uses
  reader.add_input(picture);
  std::vector<jit::Node*> taken, left;
  for (jit::Node* node : graph.nodes()) (reader.take(*node) ? taken : left).push_back(node);
  if (taken.empty()) return nullptr;
  const std::set<const jit::Node*> mine(taken.begin(), taken.end());
  // What others need of it becomes an input of the graph.
  for (jit::Node* node : taken) {
    jit::Value* value = node->output();
    const auto uses = value->uses();
    if (std::all_of(uses.begin(), uses.end(), [&](const jit::Use& use) { return mine.count(use.user) > 0; })) continue;
    plan->layers_->outputs.push_back(reader.number(value));
    jit::Value* given = graph.addInput();
    given->copyMetadata(value);
    for (const jit::Use& use : uses)
      if (mine.count(use.user) == 0) use.user->replaceInput(use.offset, given);
  }
  for (auto node = taken.rbegin(); node != taken.rend(); ++node) (*node)->destroy();
  while (graph.inputs().size() > plan->layers_->outputs.size()) {
    if (graph.inputs()[0]->hasUses()) return nullptr;
    graph.eraseInput(0);
  }
  try {
    plan->run(example);
  } catch (const std::exception&) {
    return nullptr;
  }
  return plan;
}

std::vector<c10::IValue> Plan::run(const torch::Tensor& input) {
  const auto shape = input.sizes().vec();
  auto shaped = shaped_.find(shape);
  if (shaped == shaped_.end()) {
    if (shaped_.size() == kMostShapes) shaped_.clear();
    shaped = shaped_.emplace(shape, std::make_unique<Primitives>(*layers_, shape)).first;
  }
  std::vector<c10::IValue> outputs;
  for (torch::Tensor& output : shaped->second->run(input)) outputs.emplace_back(std::move(output));
  return outputs;
}

}  // namespace fkp
