// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/onednn/plan.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "fkp/onednn/primitives.h"

namespace fkp {
namespace {

namespace jit = torch::jit;

constexpr std::size_t kMostShapes = 32;  // input shapes whose primitives are kept
const std::vector<std::int64_t> kPixels{2, 3}, kPixelsFromTheEnd{-2, -1};

/// The value, if it is a constant of the graph.
std::optional<std::vector<std::int64_t>> integers(const jit::Value* value) {
  const auto constant = jit::toIValue(value);
  return constant && constant->isIntList() ? std::optional(constant->toIntVector()) : std::nullopt;
}

/// The same for rows and columns; one number stands for both.
std::optional<std::vector<std::int64_t>> pair(const jit::Value* value) {
  auto values = integers(value);
  if (values && values->size() == 1) values->push_back(values->front());
  return values && values->size() == 2 ? values : std::nullopt;
}

std::optional<std::int64_t> integer(const jit::Value* value) {
  const auto constant = jit::toIValue(value);
  return constant && constant->isInt() ? std::optional(constant->toInt()) : std::nullopt;
}

/// The value, if it is a constant of the graph with this number of dimensions; otherwise undefined.
torch::Tensor tensor(const jit::Value* value, std::int64_t dimensions) {
  const auto constant = jit::toIValue(value);
  if (!constant || !constant->isTensor() || !constant->toTensor().defined() || constant->toTensor().dim() != dimensions) return {};
  return constant->toTensor().contiguous();
}

bool is_none(const jit::Value* value) {
  const auto constant = jit::toIValue(value);
  return constant && constant->isNone();
}

bool does(const jit::Node* node, const char* operation) { return node->kind() == c10::Symbol::fromQualString(operation); }

bool is_convolution(const jit::Node* node) { return does(node, "aten::_convolution") || does(node, "aten::conv2d"); }

bool is(const jit::Value* value, bool expected) {
  const auto constant = jit::toIValue(value);
  return constant && constant->isBool() && constant->toBool() == expected;
}

bool all(const std::optional<std::vector<std::int64_t>>& values, std::int64_t expected) {
  return values && std::all_of(values->begin(), values->end(), [&](std::int64_t v) { return v == expected; });
}

/// Whether a convolution's groups are aligned with oneDNN's blocks of channels; others are slow in its layouts.
bool fills_blocks(const torch::Tensor& weight, std::int64_t groups) {
  constexpr std::int64_t kBlock = 16;
  const std::int64_t out = weight.size(0) / groups, in = weight.size(1);
  return groups == 1 || (out == 1 && in == 1 && groups % kBlock == 0) || (out % kBlock == 0 && in % kBlock == 0);
}

/// Whether a node makes a value of its own: neither an input of the graph nor a view of another value. Changing one in place counts as
/// making it.
bool makes_its_own(const jit::Node* node) {
  const c10::FunctionSchema* schema = node->maybeSchema();
  if (!schema) return false;
  const auto& returned = schema->returns();
  return schema->is_mutable() || std::none_of(returned.begin(), returned.end(), [](const c10::Argument& r) { return r.alias_info(); });
}

/// Whether anything that is also read elsewhere is changed in place: a plan follows values, not memory.
bool changes_what_others_read(const jit::Block& block, bool inner = false) {
  return std::any_of(block.nodes().begin(), block.nodes().end(), [&](const jit::Node* node) {
    const auto blocks = node->blocks();
    if (std::any_of(blocks.begin(), blocks.end(), [](const jit::Block* b) { return changes_what_others_read(*b, true); })) return true;
    const c10::FunctionSchema* schema = node->maybeSchema();
    if (!schema || !schema->is_mutable()) return false;
    return inner || node->input(0)->uses().size() > 1 || !makes_its_own(node->input(0)->node()) || !node->output()->hasUses();
  });
}

/// A value of the plan as an operation of the graph sees it.
struct Known {
  std::size_t number = 0;
  std::size_t dimensions = 4;  ///< as in PlanOutput
  bool is_view = false;        ///< of a value that others may read as well
  std::int64_t rows = 1;       ///< per channel, if several dimensions were flattened into the second
};

/// Translates a graph's operations into layers, if they are of known kinds.
class Reader {
 public:
  explicit Reader(std::vector<PlanLayer>& layers) : layers_(layers) {}

  void add_input(const jit::Value* value) { values_[value] = {}; }
  const Known& known(const jit::Value* value) const { return values_.at(value); }
  bool took(const jit::Node* node) const { return taken_.count(node) > 0; }

  /// Takes the operation into the plan if possible; returns whether it did.
  bool take(const jit::Node& node) {
    if (node.inputs().empty() || node.outputs().size() != 1) return false;
    const auto operation = kOperations.find(node.kind().toQualString());
    if (operation == kOperations.end() || !(this->*operation->second)(node)) return false;
    taken_.insert(&node);
    return true;
  }

 private:
  using Operation = bool (Reader::*)(const jit::Node&);
  static const std::unordered_map<std::string, Operation> kOperations;

  bool knows(const jit::Value* value, std::size_t dimensions) const {
    const auto found = values_.find(value);
    return found != values_.end() && found->second.dimensions == dimensions;
  }

  void append(const jit::Node& node, const jit::Value* input, PlanLayer layer, std::size_t dimensions = 4) {
    layer.input = known(input).number;
    layers_.push_back(std::move(layer));
    values_[node.output()] = {layers_.size(), dimensions, false};
  }

  /// The layer that makes the value, if a single operation uses the value, so that this may be fused into the layer; otherwise nullptr.
  PlanLayer* own(const jit::Value* value) {
    const auto found = values_.find(value);
    if (found == values_.end() || found->second.number == 0 || found->second.is_view || value->uses().size() != 1) return nullptr;
    PlanLayer& layer = layers_[found->second.number - 1];
    return layer.kind == PlanLayer::Kind::convolution || layer.kind == PlanLayer::Kind::upsampling ? &layer : nullptr;
  }

  bool convolution(const jit::Node& node) {  // input, weight, bias, stride, padding, dilation, …, groups
    const bool traced = does(&node, "aten::_convolution");
    const torch::Tensor weight = tensor(node.input(1), 4), bias = tensor(node.input(2), 1);
    const auto stride = integers(node.input(3)), padding = integers(node.input(4));
    if (!knows(node.input(0), 4) || !weight.defined() || (!bias.defined() && !is_none(node.input(2)))) return false;
    if (!stride || stride->size() != 2 || !padding || padding->size() != 2 || !all(integers(node.input(5)), 1)) return false;
    const auto groups = integer(node.input(traced ? 8 : 6));
    if (!groups || !fills_blocks(weight, *groups) || (traced && !is(node.input(6), false))) return false;  // transposed
    PlanLayer layer;
    layer.weight = *groups == 1 ? weight : weight.unflatten(0, {*groups, -1});
    layer.bias = bias.defined() ? bias : torch::zeros(weight.size(0));
    layer.kernel = {weight.size(2), weight.size(3)};
    layer.stride = *stride;
    layer.padding = *padding;
    append(node, node.input(0), std::move(layer));
    return true;
  }

  bool pooling(const jit::Node& node) {  // input, kernel, stride, padding, dilation, ceil mode
    const auto kernel = pair(node.input(1)), padding = pair(node.input(3)), given = integers(node.input(2));
    const auto stride = given && given->empty() ? kernel : pair(node.input(2));
    if (!knows(node.input(0), 4) || !kernel || !stride || !padding || !all(integers(node.input(4)), 1) || !is(node.input(5), false))
      return false;
    PlanLayer layer;
    layer.kind = PlanLayer::Kind::pooling;
    layer.kernel = *kernel;
    layer.stride = *stride;
    layer.padding = *padding;
    append(node, node.input(0), std::move(layer));
    return true;
  }

  bool upsampling(const jit::Node& node) {  // input, size, factors
    const auto size = integers(node.input(1));
    const auto factors = jit::toIValue(node.input(2));
    PlanLayer layer;
    layer.kind = PlanLayer::Kind::upsampling;
    if (size && size->size() == 2) {
      layer.size = *size;
    } else if (factors && factors->isDoubleList()) {
      const auto list = factors->toDoubleVector();
      if (list.size() != 2 || list[0] != list[1] || list[0] != std::floor(list[0])) return false;
      layer.factor = static_cast<std::int64_t>(list[0]);
    } else {
      return false;
    }
    if (!knows(node.input(0), 4)) return false;
    append(node, node.input(0), std::move(layer));
    return true;
  }

  bool relu(const jit::Node& node) {
    PlanLayer* layer = own(node.input(0));
    if (!layer) return false;
    layer->relu = true;
    values_[node.output()] = known(node.input(0));
    return true;
  }

  /// Fused into the layer of the summand that is computed later.
  bool add(const jit::Node& node) {
    const auto both = [&](std::size_t dimensions) { return knows(node.input(0), dimensions) && knows(node.input(1), dimensions); };
    if ((!both(4) && !both(2)) || integer(node.input(2)) != 1) return false;
    const bool first = known(node.input(0)).number > known(node.input(1)).number;
    const jit::Value *later = node.input(first ? 0 : 1), *earlier = node.input(first ? 1 : 0);
    PlanLayer* layer = own(later);
    if (!layer || layer->relu || layer->addend || known(earlier).number == 0 || known(earlier).rows > 1) return false;
    layer->addend = known(earlier).number;
    values_[node.output()] = known(later);
    return true;
  }

  /// Flattens the pixels only, or sums by rows, for a linear layer.
  bool flatten(const jit::Node& node) {  // input, first, last dimension
    const auto first = integer(node.input(1)), last = integer(node.input(2));
    if (knows(node.input(0), 3) && first == 1 && (last == -1 || last == 2)) {
      const std::size_t number = known(node.input(0)).number;
      if (number == 0 || !layers_[number - 1].is_by_rows()) return false;
      values_[node.output()] = {number, 2, true, layers_[number - 1].weight.size(0)};
      return true;
    }
    if (!knows(node.input(0), 4) || first != 2 || (last != -1 && last != 3)) return false;
    values_[node.output()] = {known(node.input(0)).number, 3, true};
    return true;
  }

  /// Over all pixels of each map.
  bool softmax(const jit::Node& node) {  // input, dimension, type
    const auto dimension = integer(node.input(1));
    if (!knows(node.input(0), 3) || (dimension != -1 && dimension != 2) || !is_none(node.input(2))) return false;
    PlanLayer layer;
    layer.kind = PlanLayer::Kind::softmax;
    append(node, node.input(0), std::move(layer), 3);
    return true;
  }

  bool mean(const jit::Node& node) {  // input, dimensions, whether they are kept, type
    const auto dimensions = integers(node.input(1));
    if (!knows(node.input(0), 4) || (dimensions != kPixels && dimensions != kPixelsFromTheEnd) || !is_none(node.input(3))) return false;
    PlanLayer layer;
    layer.kind = PlanLayer::Kind::sum;
    append(node, node.input(0), std::move(layer), is(node.input(2), false) ? 2 : 4);
    return true;
  }

  /// Sums a product over its pixels, in one layer: of two values, or of one unsqueezed value and constant rows.
  bool sum(const jit::Node& node) {  // input, dimensions, whether they are kept, type
    const jit::Node* product = node.input(0)->node();
    const auto dimensions = integers(node.input(1));
    if (!does(product, "aten::mul") || product->output()->uses().size() != 1 || !dimensions || dimensions->size() != 1 ||
        !is(node.input(2), false) || !is_none(node.input(3)))
      return false;
    const jit::Value *value = product->input(0), *factor = product->input(1);
    PlanLayer layer;
    layer.kind = PlanLayer::Kind::sum;
    if (knows(value, 3) && knows(factor, 3) && ((*dimensions)[0] == 2 || (*dimensions)[0] == -1)) {
      layer.other = known(factor).number;
      append(node, value, std::move(layer), 2);
    } else {
      if (tensor(value, 2).defined()) std::swap(value, factor);
      const jit::Node* widening = value->node();
      const torch::Tensor rows = tensor(factor, 2);
      if (!does(widening, "aten::unsqueeze") || value->uses().size() != 1 || !knows(widening->input(0), 3) ||
          integer(widening->input(1)) != 2 || !rows.defined() || ((*dimensions)[0] != 3 && (*dimensions)[0] != -1))
        return false;
      layer.weight = rows;
      append(node, widening->input(0), std::move(layer), 3);
      taken_.insert(widening);
    }
    taken_.insert(product);
    return true;
  }

  bool linear(const jit::Node& node) {  // input, weight, bias; or bias, input, transposed weight and two factors
    const bool traced = does(&node, "aten::addmm");
    const jit::Value* input = node.input(traced ? 1 : 0);
    const torch::Tensor weight = tensor(node.input(traced ? 2 : 1), 2);
    torch::Tensor bias = tensor(node.input(traced ? 0 : 2), 1);
    if (!knows(input, 2) || !weight.defined() || (!bias.defined() && !is_none(node.input(traced ? 0 : 2)))) return false;
    if (traced && (integer(node.input(3)) != 1 || integer(node.input(4)) != 1)) return false;
    PlanLayer layer;  // a convolution that sees all rows at once
    const std::int64_t rows = known(input).rows;
    layer.weight = (traced ? weight.t() : weight).contiguous();
    layer.bias = bias.defined() ? bias : torch::zeros(layer.weight.size(0));
    layer.weight = layer.weight.view({layer.weight.size(0), -1, rows, 1});
    layer.kernel = {rows, 1};
    layer.stride = {1, 1};
    layer.padding = {0, 0};
    append(node, input, std::move(layer), 2);
    return true;
  }

  std::vector<PlanLayer>& layers_;
  std::unordered_map<const jit::Value*, Known> values_;
  std::set<const jit::Node*> taken_;
};

const std::unordered_map<std::string, Reader::Operation> Reader::kOperations{{"aten::_convolution", &Reader::convolution},
                                                                             {"aten::conv2d", &Reader::convolution},
                                                                             {"aten::max_pool2d", &Reader::pooling},
                                                                             {"aten::upsample_nearest2d", &Reader::upsampling},
                                                                             {"aten::relu", &Reader::relu},
                                                                             {"aten::relu_", &Reader::relu},
                                                                             {"aten::add", &Reader::add},
                                                                             {"aten::add_", &Reader::add},
                                                                             {"aten::flatten", &Reader::flatten},
                                                                             {"aten::softmax", &Reader::softmax},
                                                                             {"aten::mean", &Reader::mean},
                                                                             {"aten::sum", &Reader::sum},
                                                                             {"aten::linear", &Reader::linear},
                                                                             {"aten::addmm", &Reader::linear}};

}  // namespace

Plan::Plan() : layers_(std::make_unique<PlanLayers>()) {}
Plan::~Plan() = default;

std::unique_ptr<Plan> Plan::take(torch::jit::Graph& graph, const torch::Tensor& example, bool bfloat16) {
  if (changes_what_others_read(*graph.block())) return nullptr;
  auto plan = std::make_unique<Plan>();
  plan->bfloat16_ = bfloat16;
  const auto inputs = graph.inputs();
  Reader reader(plan->layers_->layers);
  jit::Value* picture = inputs.back();  // the module precedes it, which a frozen graph no longer uses
  reader.add_input(picture);
  for (const jit::Node* node : graph.nodes()) reader.take(*node);
  std::vector<jit::Node*> taken;
  for (jit::Node* node : graph.nodes())
    if (reader.took(node)) taken.push_back(node);
  const auto all_nodes = graph.nodes();
  const auto convolutions = [](const auto& nodes) { return std::count_if(nodes.begin(), nodes.end(), is_convolution); };
  if (taken.empty() || 2 * convolutions(taken) < convolutions(all_nodes)) return nullptr;
  // Values of the plan that the rest of the graph needs become its inputs.
  for (jit::Node* node : taken) {
    jit::Value* value = node->output();
    const auto uses = value->uses();
    if (std::all_of(uses.begin(), uses.end(), [&](const jit::Use& use) { return reader.took(use.user); })) continue;
    const Known known = reader.known(value);
    plan->layers_->outputs.push_back({known.number, known.dimensions});
    jit::Value* given = graph.addInput();
    given->copyMetadata(value);
    for (const jit::Use& use : uses)
      if (!reader.took(use.user)) use.user->replaceInput(use.offset, given);
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
  return plan->shaped_.front()->are_fast() ? std::move(plan) : nullptr;
}

bool Plan::knows_bfloat16() { return Primitives::know_bfloat16(); }

std::vector<c10::IValue> Plan::run(const torch::Tensor& input) {
  const auto shape = input.sizes().vec();
  const auto known = std::find_if(shaped_.begin(), shaped_.end(), [&](const auto& p) { return p->input() == shape; });
  if (known != shaped_.end())
    shaped_.splice(shaped_.begin(), shaped_, known);
  else
    shaped_.push_front(std::make_unique<Primitives>(*layers_, shape, bfloat16_, shaped_.empty() ? nullptr : shaped_.front().get()));
  if (shaped_.size() > kMostShapes) shaped_.pop_back();
  std::vector<c10::IValue> outputs;
  for (torch::Tensor& output : shaped_.front()->run(input)) outputs.emplace_back(std::move(output));
  return outputs;
}

}  // namespace fkp
