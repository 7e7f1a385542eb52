// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/plan.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace fkp {
namespace {

namespace jit = torch::jit;
using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;

constexpr std::size_t kMostShapes = 32;  // whose primitives are kept
constexpr auto kFloat = dnnl::memory::data_type::f32;
constexpr auto kPlain = dnnl::memory::format_tag::nchw;
constexpr auto kAny = dnnl::memory::format_tag::any;

enum class Kind { convolution, pooling, enlarging };

/// Makes a value of one or two others. Values are counted: 0 is the input, n the output of layer n − 1.
struct Layer {
  Kind kind = Kind::convolution;
  std::size_t input = 0;
  std::optional<std::size_t> addend;  // of the same shape as the output, which takes its place where nobody needs it later
  bool keeps_addend = false;
  bool relu = false;
  torch::Tensor weight, bias;  // of a convolution, plain
  Dims kernel, stride, padding;
  Dims size;                // of an enlarging's output, or
  std::int64_t factor = 1;  // of its output over its input
};

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
  explicit Reader(std::vector<Layer>& layers) : layers_(layers) {}

  void add_input(const jit::Value* value) { values_[value] = 0; }
  bool knows(const jit::Value* value) const { return values_.count(value) > 0; }
  std::size_t number(const jit::Value* value) const { return values_.at(value); }

  /// Whether the operation is one of the plan's now.
  bool take(const jit::Node& node) {
    if (node.inputs().empty() || node.outputs().size() != 1 || !knows(node.input(0))) return false;
    const auto known = kOperations.find(node.kind().toQualString());
    if (known == kOperations.end() || !(this->*known->second)(node)) return false;
    return true;
  }

 private:
  using Operation = bool (Reader::*)(const jit::Node&);
  static const std::unordered_map<std::string, Operation> kOperations;

  void append(const jit::Node& node, Layer layer) {
    layer.input = number(node.input(0));
    layers_.push_back(std::move(layer));
    values_[node.output()] = layers_.size();
  }

  /// The layer that makes the value, where the value is used by one operation alone: that may become part of the layer.
  Layer* own(const jit::Value* value) {
    return knows(value) && number(value) > 0 && value->uses().size() == 1 ? &layers_[number(value) - 1] : nullptr;
  }

  bool convolution(const jit::Node& node) {  // input, weight, bias, stride, padding, dilation, …, groups
    const bool traced = node.kind() == c10::Symbol::fromQualString("aten::_convolution");
    const auto weight = jit::toIValue(node.input(1)), bias = jit::toIValue(node.input(2));
    const auto stride = integers(node.input(3)), padding = integers(node.input(4));
    if (!weight || !weight->isTensor() || weight->toTensor().dim() != 4 || !bias) return false;
    if (!stride || stride->size() != 2 || !padding || padding->size() != 2 || !all(integers(node.input(5)), 1)) return false;
    if (integer(node.input(traced ? 8 : 6)) != 1 || (traced && !is(node.input(6), false))) return false;  // groups, transposed
    Layer layer;
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
    Layer layer;
    layer.kind = Kind::pooling;
    layer.kernel = *kernel;
    layer.stride = *stride;
    layer.padding = *padding;
    append(node, std::move(layer));
    return true;
  }

  bool enlarging(const jit::Node& node) {  // input, size, factors
    const auto size = integers(node.input(1));
    const auto factors = jit::toIValue(node.input(2));
    Layer layer;
    layer.kind = Kind::enlarging;
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
    Layer* layer = own(node.input(0));
    if (!layer || layer->kind == Kind::pooling) return false;
    layer->relu = true;
    values_[node.output()] = number(node.input(0));
    return true;
  }

  /// The later of the two summands takes the earlier one in.
  bool sum(const jit::Node& node) {
    if (!knows(node.input(1)) || integer(node.input(2)) != 1) return false;
    const bool first = number(node.input(0)) > number(node.input(1));
    const jit::Value *later = node.input(first ? 0 : 1), *earlier = node.input(first ? 1 : 0);
    Layer* layer = own(later);
    if (!layer || layer->kind == Kind::pooling || layer->relu || layer->addend || number(earlier) == 0) return false;
    layer->addend = number(earlier);
    values_[node.output()] = number(later);
    return true;
  }

  std::vector<Layer>& layers_;
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

/// oneDNN 2 and 3 differ in how a primitive is described.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc described(const dnnl::engine& engine, const dnnl::primitive_attr& attributes, Arguments&&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, std::forward<Arguments>(arguments)..., attributes};
#else
  return {typename Primitive::desc(std::forward<Arguments>(arguments)...), attributes, engine};
#endif
}

Dims dims_of(const torch::Tensor& tensor) { return tensor.sizes().vec(); }

Dims dims_of(const Desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_dims();
#else
  return desc.dims();
#endif
}

Dims output_dims(const Layer& layer, const Dims& in) {
  Dims out = in;
  if (layer.kind == Kind::convolution) out[1] = layer.weight.size(0);
  for (std::size_t i = 0; i < 2; i++) {
    if (layer.kind == Kind::enlarging)
      out[i + 2] = layer.size.empty() ? in[i + 2] * layer.factor : layer.size[i];
    else
      out[i + 2] = (in[i + 2] + 2 * layer.padding[i] - layer.kernel[i]) / layer.stride[i] + 1;
  }
  return out;
}

void append_relu(dnnl::post_ops& operations) {
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
#else
  operations.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
#endif
}

/// A layout as planes of rows of pixels, each of so many numbers: [N·C/16, H, W, 16], or [N, H, W, C].
struct Grid {
  std::int64_t planes, depth;
};

constexpr std::array<std::pair<dnnl::memory::format_tag, std::int64_t>, 4> kLayouts{
    {{dnnl::memory::format_tag::nChw16c, 16}, {dnnl::memory::format_tag::nChw8c, 8}, {dnnl::memory::format_tag::nhwc, 0}, {kPlain, 1}}};

dnnl::memory::format_tag layout_of(const Desc& desc) {
  for (const auto& [tag, depth] : kLayouts)
    if (desc == Desc(dims_of(desc), kFloat, tag)) return tag;
  throw std::runtime_error("an unknown layout");
}

Grid grid_of(const Desc& desc) {
  const Dims dims = dims_of(desc);
  const auto tag = layout_of(desc);
  const auto known = std::find_if(kLayouts.begin(), kLayouts.end(), [&](const auto& l) { return l.first == tag; });
  const std::int64_t depth = known->second > 0 ? known->second : dims[1];
  return {dims[0] * ((dims[1] + depth - 1) / depth), depth};
}

/// The same layout for other dimensions.
Desc with_size(const Desc& desc, const Dims& dims) { return {dims, kFloat, layout_of(desc)}; }

}  // namespace

struct Plan::Layers {
  std::vector<Layer> layers;
  std::vector<std::size_t> outputs;  // values

  /// Which addends are needed later.
  void find_keepers() {
    for (std::size_t i = 0; i < layers.size(); i++) {
      if (!layers[i].addend) continue;
      const std::size_t addend = *layers[i].addend;
      const auto needs = [&](const Layer& l) { return l.input == addend || l.addend == addend; };
      layers[i].keeps_addend = layers[i].input == addend ||
                               std::any_of(layers.begin() + static_cast<std::ptrdiff_t>(i) + 1, layers.end(), needs) ||
                               std::count(outputs.begin(), outputs.end(), addend) > 0;
    }
  }
};

class Plan::Shaped {
 public:
  Shaped(const Layers& layers, const Dims& input);

  std::vector<c10::IValue> run(const torch::Tensor& input);

 private:
  using Step = std::function<void(const dnnl::stream&)>;

  dnnl::memory convolved(const Layer& layer);
  dnnl::memory pooled(const Layer& layer);
  dnnl::memory enlarged(const Layer& layer);
  /// Where a layer's output goes: to the place of what is added to it.
  dnnl::memory place(const Layer& layer);
  dnnl::memory reordered(const torch::Tensor& plain, const Desc& wanted);
  void add_reorder(const dnnl::memory& from, const dnnl::memory& to);
  void add_step(const dnnl::primitive& primitive, std::unordered_map<int, dnnl::memory> arguments);

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<dnnl::memory> values_;  // the input without a buffer of its own
  std::vector<Step> steps_;
  std::vector<std::pair<dnnl::memory, Dims>> outputs_;  // plain, without a buffer until run()
};

Plan::Shaped::Shaped(const Layers& layers, const Dims& input) {
  values_.emplace_back(Desc(input, kFloat, kPlain), engine_, nullptr);
  for (const Layer& layer : layers.layers)
    values_.push_back(layer.kind == Kind::convolution ? convolved(layer) : layer.kind == Kind::pooling ? pooled(layer) : enlarged(layer));
  for (const std::size_t output : layers.outputs) {
    const Dims dims = dims_of(values_[output].get_desc());
    outputs_.emplace_back(dnnl::memory(Desc(dims, kFloat, kPlain), engine_, nullptr), dims);
    add_reorder(values_[output], outputs_.back().first);
  }
}

void Plan::Shaped::add_step(const dnnl::primitive& primitive, std::unordered_map<int, dnnl::memory> arguments) {
  steps_.emplace_back([primitive, arguments = std::move(arguments)](const dnnl::stream& stream) { primitive.execute(stream, arguments); });
}

void Plan::Shaped::add_reorder(const dnnl::memory& from, const dnnl::memory& to) {
  add_step(dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

/// Weights in the layout that a primitive asks for.
dnnl::memory Plan::Shaped::reordered(const torch::Tensor& plain, const Desc& wanted) {
  const Dims dims = dims_of(plain);
  const auto layout = dims.size() == 4 ? dnnl::memory::format_tag::oihw : dnnl::memory::format_tag::a;
  dnnl::memory from(Desc(dims, kFloat, layout), engine_, plain.data_ptr<float>()), to(wanted, engine_);
  dnnl::reorder(from, to).execute(stream_, from, to);
  stream_.wait();
  return to;
}

dnnl::memory Plan::Shaped::place(const Layer& layer) {
  const dnnl::memory& addend = values_[*layer.addend];
  if (dims_of(addend.get_desc()) != output_dims(layer, dims_of(values_[layer.input].get_desc())))
    throw std::runtime_error("a sum of unequal shapes");
  if (!layer.keeps_addend) return addend;
  dnnl::memory copy(addend.get_desc(), engine_);
  add_reorder(addend, copy);
  return copy;
}

dnnl::memory Plan::Shaped::convolved(const Layer& layer) {
  dnnl::memory in = values_[layer.input];
  const Dims dims = dims_of(in.get_desc());
  dnnl::memory out;
  dnnl::post_ops after;
  if (layer.addend) {
    out = place(layer);
    after.append_sum();
  }
  if (layer.relu) append_relu(after);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  // Layouts follow from the first convolution's. A plain input of one channel has no blocks and goes in as it is.
  const bool free = layer.input == 0 && dims[1] > 1;
  const auto d = described<dnnl::convolution_forward>(
      engine_, attributes, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      free ? Desc(dims, kFloat, kAny) : in.get_desc(), Desc(dims_of(layer.weight), kFloat, kAny),
      Desc(dims_of(layer.bias), kFloat, dnnl::memory::format_tag::a),
      layer.addend ? out.get_desc() : Desc(output_dims(layer, dims), kFloat, kAny), layer.stride, layer.padding, layer.padding);
  if (free) {
    const dnnl::memory plain = in;
    in = dnnl::memory(d.src_desc(), engine_);
    add_reorder(plain, in);
  }
  if (!layer.addend) out = dnnl::memory(d.dst_desc(), engine_);
  add_step(dnnl::convolution_forward(d), {{DNNL_ARG_SRC, in},
                                          {DNNL_ARG_WEIGHTS, reordered(layer.weight, d.weights_desc())},
                                          {DNNL_ARG_BIAS, reordered(layer.bias, d.bias_desc())},
                                          {DNNL_ARG_DST, out}});
  return out;
}

dnnl::memory Plan::Shaped::pooled(const Layer& layer) {
  const dnnl::memory& in = values_[layer.input];
  const Desc any(output_dims(layer, dims_of(in.get_desc())), kFloat, kAny);
  const auto d = described<dnnl::pooling_forward>(engine_, {}, dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max,
                                                  in.get_desc(), any, layer.stride, layer.kernel,
#if DNNL_VERSION_MAJOR >= 3
                                                  Dims{0, 0},
#endif
                                                  layer.padding, layer.padding);
  dnnl::memory out(d.dst_desc(), engine_);
  add_step(dnnl::pooling_forward(d), {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
  return out;
}

/// Of each pixel a square. oneDNN's own resampling of these layouts is a hundred times slower.
dnnl::memory Plan::Shaped::enlarged(const Layer& layer) {
  const dnnl::memory& in = values_[layer.input];
  const Dims from = dims_of(in.get_desc()), to = output_dims(layer, from);
  const dnnl::memory out = layer.addend ? place(layer) : dnnl::memory(with_size(in.get_desc(), to), engine_);
  const Grid grid = grid_of(in.get_desc());
  if (grid_of(out.get_desc()).depth != grid.depth || to[2] % from[2] != 0 || to[3] % from[3] != 0)
    throw std::runtime_error("an enlarging between layouts");
  steps_.emplace_back([=](const dnnl::stream&) {
    const auto* source = static_cast<const float*>(in.get_data_handle());
    auto* target = static_cast<float*>(out.get_data_handle());
    const std::int64_t rows = to[2], columns = to[3], depth = grid.depth, x_step = to[3] / from[3], y_step = to[2] / from[2];
    for (std::int64_t plane = 0; plane < grid.planes; plane++)
      for (std::int64_t y = 0; y < rows; y++)
        for (std::int64_t x = 0; x < columns; x++) {
          const float* a = source + ((plane * from[2] + y / y_step) * from[3] + x / x_step) * depth;
          float* b = target + ((plane * rows + y) * columns + x) * depth;
          for (std::int64_t i = 0; i < depth; i++) {
            const float sum = a[i] + (layer.addend ? b[i] : 0);
            b[i] = layer.relu ? std::max(sum, 0.f) : sum;
          }
        }
  });
  return out;
}

std::vector<c10::IValue> Plan::Shaped::run(const torch::Tensor& input) {
  values_[0].set_data_handle(input.data_ptr<float>());
  std::vector<c10::IValue> outputs;
  for (auto& [memory, dims] : outputs_) {
    auto output = torch::empty(dims);
    memory.set_data_handle(output.data_ptr<float>());
    outputs.emplace_back(std::move(output));
  }
  for (const Step& step : steps_) step(stream_);
  stream_.wait();
  return outputs;
}

Plan::Plan() : layers_(std::make_unique<Layers>()) {}
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
  plan->layers_->find_keepers();
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
  auto& shaped = shaped_[input.sizes().vec()];
  if (!shaped && shaped_.size() > kMostShapes) {
    shaped_.clear();
    return run(input);
  }
  if (!shaped) shaped = std::make_unique<Shaped>(*layers_, input.sizes().vec());
  return shaped->run(input);
}

}  // namespace fkp
