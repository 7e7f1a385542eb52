// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/onednn/primitives.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <stdexcept>
#include <unordered_map>

#include "fkp/onednn/loops.h"
#include "fkp/onednn/onednn.h"
#include "fkp/onednn/winograd.h"

namespace fkp {
namespace {

using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;

constexpr auto kFloat = dnnl::memory::data_type::f32;
constexpr auto kPlain = dnnl::memory::format_tag::nchw;
constexpr auto kAny = dnnl::memory::format_tag::any;

Dims dims_of(const torch::Tensor& tensor) { return tensor.sizes().vec(); }

Dims dims_of(const Desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_dims();
#else
  return desc.dims();
#endif
}

dnnl::memory::data_type type_of(const Desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_data_type();
#else
  return desc.data_type();
#endif
}

Dims output_dims(const PlanLayer& layer, const Dims& in) {
  Dims out = in;
  switch (layer.kind) {
    case PlanLayer::Kind::convolution:
      out[1] = layer.bias.size(0);
      [[fallthrough]];
    case PlanLayer::Kind::pooling:
      for (std::size_t i = 0; i < 2; i++) out[i + 2] = (in[i + 2] + 2 * layer.padding[i] - layer.kernel[i]) / layer.stride[i] + 1;
      break;
    case PlanLayer::Kind::upsampling:
      for (std::size_t i = 0; i < 2; i++) out[i + 2] = layer.size.empty() ? in[i + 2] * layer.factor : layer.size[i];
      break;
    case PlanLayer::Kind::softmax:
      break;
    case PlanLayer::Kind::sum:
      out[2] = layer.weight.defined() ? layer.weight.size(0) : 1;
      out[3] = 1;
  }
  return out;
}

/// Winograd convolution (Lavin and Gray, CVPR 2016) takes 0.5 to 0.75 of the time if there are enough channels to pay for its transforms.
bool suits_winograd(const PlanLayer& layer, std::int64_t least_channels = 32) {
  return layer.weight.dim() == 4 && layer.kernel == Dims{3, 3} && layer.stride == Dims{1, 1} && layer.padding == Dims{1, 1} &&
         layer.weight.size(0) >= least_channels && layer.weight.size(1) >= least_channels;
}

/// oneDNN implements Winograd convolution for tiles of 2×2 and of 4×4 pixels (the latter with fewer multiplications and more memory for the
/// weights) and chooses the first one that supports a shape. For a single picture that is 2×2; but only 4×4 supports padding that differs
/// above and below.
bool prefers_large_tiles(const PlanLayer& layer, const Dims& in) {
  constexpr std::int64_t kLeastChannels = 64, kMostWeights = 9 * 96 * 96, kLeastSide = 8;  // where it was faster
  return suits_winograd(layer, kLeastChannels) && layer.weight.numel() <= kMostWeights && std::min(in[2], in[3]) >= kLeastSide;
}

bool is_of_small_tiles(const dnnl::convolution_forward::primitive_desc& d) { return std::strstr(d.impl_info_str(), "wino_2x3") != nullptr; }

/// Whether it is oneDNN's plain loops, a hundred times slower than code made for the processor.
bool is_reference(const dnnl::convolution_forward::primitive_desc& d) { return std::strstr(d.impl_info_str(), "ref") != nullptr; }

dnnl::primitive_attr with_shared_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

void append_relu(dnnl::post_ops& operations) {
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
#else
  operations.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
#endif
}

constexpr std::array<std::pair<dnnl::memory::format_tag, std::int64_t>, 4> kLayouts{
    {{dnnl::memory::format_tag::nChw16c, 16}, {dnnl::memory::format_tag::nChw8c, 8}, {dnnl::memory::format_tag::nhwc, 0}, {kPlain, 1}}};

dnnl::memory::format_tag layout_of(const Desc& desc) {
  for (const auto& [tag, depth] : kLayouts)
    if (desc == Desc(dims_of(desc), type_of(desc), tag)) return tag;
  throw std::runtime_error("an unknown layout");
}

Grid grid_of(const Desc& desc) {
  const Dims dims = dims_of(desc);
  const auto tag = layout_of(desc);
  const auto known = std::find_if(kLayouts.begin(), kLayouts.end(), [&](const auto& l) { return l.first == tag; });
  const std::int64_t depth = known->second > 0 ? known->second : dims[1];
  return {dims[0] * ((dims[1] + depth - 1) / depth), dims[2], dims[3], depth};
}

const float* floats(const dnnl::memory& memory) { return static_cast<const float*>(memory.get_data_handle()); }
float* mutable_floats(const dnnl::memory& memory) { return static_cast<float*>(memory.get_data_handle()); }

/// The same layout for other dimensions.
Desc with_size(const Desc& desc, const Dims& dims) { return {dims, type_of(desc), layout_of(desc)}; }

}  // namespace

std::vector<std::size_t> PlanLayers::last_uses() const {
  std::vector<std::size_t> last(layers.size() + 1, 0);
  for (std::size_t i = 0; i < layers.size(); i++) {
    last[layers[i].input] = i;
    if (layers[i].addend) last[*layers[i].addend] = i;
    if (layers[i].other) last[*layers[i].other] = i;
  }
  for (const PlanOutput& output : outputs) last[output.value] = layers.size();
  return last;
}

std::vector<bool> PlanLayers::convolved() const {
  std::vector<bool> values(layers.size() + 1, false);
  for (const PlanLayer& layer : layers)
    if (layer.kind == PlanLayer::Kind::convolution || layer.kind == PlanLayer::Kind::pooling) values[layer.input] = true;
  for (const PlanLayer& layer : layers)
    if (layer.kind == PlanLayer::Kind::upsampling && layer.addend) values[*layer.addend] = false;
  return values;
}

/// What the primitives of all shapes share: the weights in the layouts that they asked for, by the address of the plain ones; and those of
/// our own convolutions.
struct Shared {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  std::multimap<const float*, dnnl::memory> weights;
  std::map<std::pair<std::size_t, int>, Winograd> winograd;  // by the number of the value and the size of the tiles
};

class Primitives::Work {
 public:
  Work(const PlanLayers& layers, const Dims& input, bool bfloat16, std::shared_ptr<Shared> shared);

  std::vector<torch::Tensor> run(const torch::Tensor& input);

  const Dims& input() const { return input_; }
  bool is_fast() const { return fast_; }
  const std::shared_ptr<Shared>& shared() const { return shared_; }

 private:
  using Step = std::function<void(const dnnl::stream&)>;

  dnnl::memory convolved(const PlanLayer& layer);
  bool suits_tiles(const PlanLayer& layer) const;
  dnnl::memory convolved_in_tiles(const PlanLayer& layer);
  dnnl::memory with_a_row_below(const dnnl::memory& in);
  dnnl::memory pooled(const PlanLayer& layer);
  dnnl::memory upsampled(const PlanLayer& layer);
  dnnl::memory softmaxed(const PlanLayer& layer);
  dnnl::memory summed(const PlanLayer& layer);
  dnnl::memory made(const PlanLayer& layer);
  /// Memory for the output of a layer with an addend: the addend's own if no later layer needs it, otherwise a copy.
  dnnl::memory place(const PlanLayer& layer);
  dnnl::memory fresh(const Desc& desc);
  /// Makes a value's buffer the layer's own, if no later layer needs the value.
  bool take_over(std::size_t value);
  void give_back(std::size_t layer);
  /// The value, or a copy of it if it has another type.
  dnnl::memory as(const dnnl::memory& value, dnnl::memory::data_type type);
  dnnl::memory copy(const dnnl::memory& value, dnnl::memory::data_type type, dnnl::memory::format_tag layout);
  dnnl::memory reordered(const torch::Tensor& plain, const Desc& wanted);
  void add_reorder(const dnnl::memory& from, const dnnl::memory& to);
  void add_step(const dnnl::primitive& primitive, const Desc& scratchpad, std::unordered_map<int, dnnl::memory> arguments);

  const Dims input_;
  bool fast_ = true;
  const std::shared_ptr<Shared> shared_;
  const dnnl::engine& engine_ = shared_->engine;
  dnnl::stream stream_{engine_};
  const dnnl::memory::data_type type_;  // that convolutions compute with
  const std::vector<bool> convolved_;   // see PlanLayers::convolved
  const std::vector<std::size_t> last_uses_;
  std::vector<dnnl::memory> values_;    // the input has no buffer of its own
  std::vector<torch::Tensor> buffers_;  // of the values; reused, since memory that lies close together stays in the cache
  std::vector<torch::Tensor> all_, free_;
  std::vector<dnnl::memory> with_rows_below_;
  torch::Tensor scratch_;  // shared by all primitives
  std::vector<dnnl::memory> scratchpads_;
  std::vector<Step> steps_;
  std::vector<std::pair<dnnl::memory, Dims>> outputs_;  // in plain layout, without memory until run()
};

Primitives::Work::Work(const PlanLayers& layers, const Dims& input, bool bfloat16, std::shared_ptr<Shared> shared)
    : input_(input),
      shared_(std::move(shared)),
      type_(bfloat16 ? dnnl::memory::data_type::bf16 : kFloat),
      convolved_(layers.convolved()),
      last_uses_(layers.last_uses()) {
  values_.emplace_back(Desc(input, kFloat, kPlain), engine_, nullptr);
  buffers_.emplace_back();
  for (std::size_t i = 0; i < layers.layers.size(); i++) {
    const PlanLayer& layer = layers.layers[i];
    buffers_.emplace_back();
    values_.push_back(made(layer));
    give_back(i);
  }
  for (const PlanOutput& output : layers.outputs) {
    Dims dims = dims_of(values_[output.value].get_desc());
    const dnnl::memory plain(Desc(dims, kFloat, kPlain), engine_, nullptr);
    add_reorder(values_[output.value], plain);
    for (; dims.size() > output.dimensions; dims.pop_back()) dims[dims.size() - 2] *= dims.back();
    outputs_.emplace_back(plain, dims);
  }
  std::size_t most = 1;
  for (const dnnl::memory& pad : scratchpads_) most = std::max(most, pad.get_desc().get_size());
  scratch_ = torch::empty({static_cast<std::int64_t>(most)}, torch::kUInt8);
  for (dnnl::memory& pad : scratchpads_) pad.set_data_handle(scratch_.data_ptr());
}

dnnl::memory Primitives::Work::made(const PlanLayer& layer) {
  switch (layer.kind) {
    case PlanLayer::Kind::convolution:
      return convolved(layer);
    case PlanLayer::Kind::pooling:
      return pooled(layer);
    case PlanLayer::Kind::upsampling:
      return upsampled(layer);
    case PlanLayer::Kind::softmax:
      return softmaxed(layer);
    case PlanLayer::Kind::sum:
      return summed(layer);
  }
  throw std::logic_error("no kind of layer");
}

/// The smallest free buffer that is large enough, or a new one.
dnnl::memory Primitives::Work::fresh(const Desc& desc) {
  const auto size = static_cast<std::int64_t>(desc.get_size());
  std::sort(free_.begin(), free_.end(), [](const torch::Tensor& a, const torch::Tensor& b) { return a.numel() < b.numel(); });
  const auto fits = std::find_if(free_.begin(), free_.end(), [size](const torch::Tensor& t) { return t.numel() >= size; });
  torch::Tensor& buffer = buffers_.back();
  if (fits != free_.end()) {
    buffer = *fits;
    free_.erase(fits);
  } else {
    buffer = all_.emplace_back(torch::zeros({size}, torch::kUInt8));
  }
  return {desc, engine_, buffer.data_ptr()};
}

/// Frees the buffers of values that no layer after this one reads.
void Primitives::Work::give_back(std::size_t layer) {
  for (std::size_t value = 0; value < values_.size(); value++) {
    if (!buffers_[value].defined() || last_uses_[value] > layer) continue;
    free_.push_back(buffers_[value]);
    buffers_[value] = torch::Tensor();
  }
}

void Primitives::Work::add_step(const dnnl::primitive& primitive, const Desc& scratchpad, std::unordered_map<int, dnnl::memory> arguments) {
  scratchpads_.emplace_back(scratchpad, engine_, nullptr);
  arguments.emplace(DNNL_ARG_SCRATCHPAD, scratchpads_.back());
  steps_.emplace_back([primitive, arguments = std::move(arguments)](const dnnl::stream& stream) { primitive.execute(stream, arguments); });
}

void Primitives::Work::add_reorder(const dnnl::memory& from, const dnnl::memory& to) {
  const dnnl::reorder::primitive_desc d(from, to, with_shared_scratchpad());
  add_step(dnnl::reorder(d), d.scratchpad_desc(), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

dnnl::memory Primitives::Work::as(const dnnl::memory& value, dnnl::memory::data_type type) {
  return type_of(value.get_desc()) == type ? value : copy(value, type, layout_of(value.get_desc()));
}

dnnl::memory Primitives::Work::copy(const dnnl::memory& value, dnnl::memory::data_type type, dnnl::memory::format_tag layout) {
  const Desc desc(dims_of(value.get_desc()), type, layout);
  all_.push_back(torch::zeros({static_cast<std::int64_t>(desc.get_size())}, torch::kUInt8));
  const dnnl::memory made(desc, engine_, all_.back().data_ptr());
  add_reorder(value, made);
  return made;
}

/// Weights in the layout that a primitive asks for.
dnnl::memory Primitives::Work::reordered(const torch::Tensor& plain, const Desc& wanted) {
  const auto known = shared_->weights.equal_range(plain.data_ptr<float>());
  for (auto weight = known.first; weight != known.second; ++weight)
    if (weight->second.get_desc() == wanted) return weight->second;
  const Dims dims = dims_of(plain);
  const auto layout = dims.size() == 5   ? dnnl::memory::format_tag::goihw
                      : dims.size() == 4 ? dnnl::memory::format_tag::oihw
                                         : dnnl::memory::format_tag::a;
  dnnl::memory from(Desc(dims, kFloat, layout), engine_, plain.data_ptr<float>()), to(wanted, engine_);
  dnnl::reorder(from, to).execute(stream_, from, to);
  stream_.wait();
  shared_->weights.emplace(plain.data_ptr<float>(), to);
  return to;
}

bool Primitives::Work::take_over(std::size_t value) {
  const std::size_t now = values_.size() - 1;  // the layer's index
  if (last_uses_[value] != now || !buffers_[value].defined()) return false;
  buffers_.back() = std::move(buffers_[value]);
  buffers_[value] = torch::Tensor();
  return true;
}

dnnl::memory Primitives::Work::place(const PlanLayer& layer) {
  const dnnl::memory& addend = values_[*layer.addend];
  if (dims_of(addend.get_desc()) != output_dims(layer, dims_of(values_[layer.input].get_desc())))
    throw std::runtime_error("a sum of unequal shapes");
  // upsample() adds up floats.
  const bool fits = layer.kind != PlanLayer::Kind::upsampling || type_of(addend.get_desc()) == kFloat;
  if (fits && layer.input != *layer.addend && take_over(*layer.addend)) return addend;
  const Desc desc = addend.get_desc();
  const dnnl::memory copy = fresh(fits ? desc : Desc(dims_of(desc), kFloat, layout_of(desc)));
  add_reorder(addend, copy);
  return copy;
}

/// Maps by eight are those of AVX2, where it is faster from 16 channels on; with AVX-512, oneDNN's other kernels are twice as wide.
bool Primitives::Work::suits_tiles(const PlanLayer& layer) const {
  const Desc in = values_[layer.input].get_desc();
  const auto is = [&](dnnl::memory::format_tag layout) { return in == Desc(dims_of(in), kFloat, layout); };
  const bool by_eight = is(dnnl::memory::format_tag::nChw8c);
  return type_ == kFloat && (by_eight || is(dnnl::memory::format_tag::nChw16c)) && suits_winograd(layer, by_eight ? 16 : 32) &&
         Winograd::runs_here() && (!layer.addend || values_[*layer.addend].get_desc() == with_size(in, output_dims(layer, dims_of(in))));
}

dnnl::memory Primitives::Work::convolved_in_tiles(const PlanLayer& layer) {
  const dnnl::memory in = values_[layer.input];
  const Dims dims = dims_of(in.get_desc());
  const Grid grid = grid_of(in.get_desc());
  const dnnl::memory out = layer.addend ? place(layer) : fresh(with_size(in.get_desc(), output_dims(layer, dims)));
  const int tile = Winograd::tile_for(dims[0], dims[2], dims[3]);
  const Winograd& winograd = shared_->winograd
                                 .try_emplace({values_.size(), tile}, layer.weight.data_ptr<float>(), layer.bias.data_ptr<float>(),
                                              layer.weight.size(0), layer.weight.size(1), tile)
                                 .first->second;
  scratchpads_.emplace_back(Desc({winograd.scratch(grid)}, kFloat, dnnl::memory::format_tag::a), engine_, nullptr);
  steps_.emplace_back(
      [=, &winograd, scratch = scratchpads_.back(), add = layer.addend.has_value(), relu = layer.relu](const dnnl::stream&) {
        winograd.run(floats(in), grid, mutable_floats(out), add, relu, mutable_floats(scratch));
      });
  return out;
}

dnnl::memory Primitives::Work::convolved(const PlanLayer& layer) {
  dnnl::memory in = as(values_[layer.input], type_);
  const Dims dims = dims_of(in.get_desc());
  dnnl::post_ops after;
  if (layer.addend) after.append_sum();
  if (layer.relu) append_relu(after);
  dnnl::primitive_attr attributes = with_shared_scratchpad();
  attributes.set_post_ops(after);
  // The first convolution chooses its layout, and the others follow if there is code for it. A plain input of one channel has no blocks
  // and is used as it is.
  bool free = layer.input == 0 && dims[1] > 1;
  const auto describe = [&](dnnl::algorithm algorithm, const Desc& source, const Dims& padding_behind) {
    return described<dnnl::convolution_forward>(
        engine_, attributes, dnnl::prop_kind::forward_inference, algorithm, source, Desc(dims_of(layer.weight), type_, kAny),
        Desc(dims_of(layer.bias), kFloat, dnnl::memory::format_tag::a),
        layer.addend ? values_[*layer.addend].get_desc()
                     : Desc(output_dims(layer, dims), convolved_[values_.size()] ? type_ : kFloat, kAny),
        layer.stride, layer.padding, padding_behind);
  };
  const Desc any(dims, type_, kAny), source = free ? any : in.get_desc();
  dnnl::convolution_forward::primitive_desc d;
  if (type_ == kFloat && suits_winograd(layer)) {
    try {
      d = describe(dnnl::algorithm::convolution_winograd, source, layer.padding);
      if (prefers_large_tiles(layer, dims) && is_of_small_tiles(d)) {
        const Desc taller = with_size(source, {dims[0], dims[1], dims[2] + 1, dims[3]});
        d = describe(dnnl::algorithm::convolution_winograd, taller, {layer.padding[0] - 1, layer.padding[1]});
        in = with_a_row_below(in);
      }
    } catch (const dnnl::error&) {  // not supported on this processor, or for this shape
    }
  }
  if (!d && suits_tiles(layer)) return convolved_in_tiles(layer);
  if (!d) d = describe(dnnl::algorithm::convolution_direct, source, layer.padding);
  if (is_reference(d) && !free) {
    d = describe(dnnl::algorithm::convolution_direct, any, layer.padding);
    free = d.src_desc() != in.get_desc();
  }
  fast_ = fast_ && !is_reference(d);
  if (free) {
    const dnnl::memory plain = in;
    all_.push_back(torch::zeros({static_cast<std::int64_t>(d.src_desc().get_size())}, torch::kUInt8));
    in = dnnl::memory(d.src_desc(), engine_, all_.back().data_ptr());
    add_reorder(plain, in);
  }
  const dnnl::memory out = layer.addend ? place(layer) : fresh(d.dst_desc());
  add_step(dnnl::convolution_forward(d), d.scratchpad_desc(),
           {{DNNL_ARG_SRC, in},
            {DNNL_ARG_WEIGHTS, reordered(layer.weight, d.weights_desc())},
            {DNNL_ARG_BIAS, reordered(layer.bias, d.bias_desc())},
            {DNNL_ARG_DST, out}});
  return out;
}

/// A copy with a row of zeros below, as padding. It takes 2 µs of the 15 to 25 that it saves.
dnnl::memory Primitives::Work::with_a_row_below(const dnnl::memory& in) {
  const Grid grid = grid_of(in.get_desc());
  Dims dims = dims_of(in.get_desc());
  dims[2]++;
  const Desc desc = with_size(in.get_desc(), dims);
  auto out = std::find_if(with_rows_below_.begin(), with_rows_below_.end(), [&](auto& m) { return m.get_desc() == desc; });
  if (out == with_rows_below_.end()) {
    all_.push_back(torch::zeros({static_cast<std::int64_t>(desc.get_size())}, torch::kUInt8));
    out = with_rows_below_.emplace(out, desc, engine_, all_.back().data_ptr());
  }
  steps_.emplace_back([in, out = *out, grid](const dnnl::stream&) {
    const std::int64_t size = grid.cells() * grid.depth, step = size + grid.columns * grid.depth;
    for (std::int64_t plane = 0; plane < grid.planes; plane++)
      std::copy_n(floats(in) + plane * size, size, mutable_floats(out) + plane * step);
  });
  return *out;
}

dnnl::memory Primitives::Work::pooled(const PlanLayer& layer) {
  const dnnl::memory in = values_[layer.input];
  const Dims dims = dims_of(in.get_desc()), out_dims = output_dims(layer, dims);
  const bool exact = out_dims[2] * layer.kernel[0] == dims[2] && out_dims[3] * layer.kernel[1] == dims[3];
  if (type_of(in.get_desc()) == kFloat && layer.kernel == layer.stride && layer.padding == Dims{0, 0} && exact) {
    const dnnl::memory out = fresh(with_size(in.get_desc(), out_dims));
    const Grid large = grid_of(in.get_desc()), small = grid_of(out.get_desc());
    steps_.emplace_back([=](const dnnl::stream&) { pool(floats(in), large, mutable_floats(out), small); });
    return out;
  }
  const Desc any(out_dims, type_of(in.get_desc()), kAny);
  const auto d = described<dnnl::pooling_forward>(engine_, with_shared_scratchpad(), dnnl::prop_kind::forward_inference,
                                                  dnnl::algorithm::pooling_max, in.get_desc(), any, layer.stride, layer.kernel,
#if DNNL_VERSION_MAJOR >= 3
                                                  Dims{0, 0},
#endif
                                                  layer.padding, layer.padding);
  const dnnl::memory out = fresh(d.dst_desc());
  add_step(dnnl::pooling_forward(d), d.scratchpad_desc(), {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
  return out;
}

/// oneDNN's own resampling of these layouts is a hundred times slower.
dnnl::memory Primitives::Work::upsampled(const PlanLayer& layer) {
  dnnl::memory in = as(values_[layer.input], kFloat);
  const Dims dims = output_dims(layer, dims_of(in.get_desc()));
  const dnnl::memory out = layer.addend ? place(layer) : fresh(with_size(in.get_desc(), dims));
  if (layout_of(in.get_desc()) != layout_of(out.get_desc())) in = copy(in, kFloat, layout_of(out.get_desc()));  // a map of 1×1 may differ
  const Grid small = grid_of(in.get_desc()), large = grid_of(out.get_desc());
  if (large.rows % small.rows != 0 || large.columns % small.columns != 0) throw std::runtime_error("an upsampling by a fraction");
  steps_.emplace_back([=, add = layer.addend.has_value(), relu = layer.relu](const dnnl::stream&) {
    upsample(floats(in), small, mutable_floats(out), large, add, relu);
  });
  return out;
}

/// In steps, since oneDNN's softmax is over one dimension of a plain layout.
dnnl::memory Primitives::Work::softmaxed(const PlanLayer& layer) {
  const dnnl::memory in = as(values_[layer.input], kFloat);
  const Grid grid = grid_of(in.get_desc());
  const dnnl::memory out = type_of(values_[layer.input].get_desc()) == kFloat && take_over(layer.input) ? in : fresh(in.get_desc());
  steps_.emplace_back([=](const dnnl::stream&) { subtract_maxima(floats(in), mutable_floats(out), grid); });
  const Desc line({grid.planes * grid.cells() * grid.depth}, kFloat, dnnl::memory::format_tag::a);
  const auto d =
      described<dnnl::eltwise_forward>(engine_, with_shared_scratchpad(), dnnl::prop_kind::forward_inference, dnnl::algorithm::eltwise_exp,
#if DNNL_VERSION_MAJOR >= 3
                                       line,
#endif
                                       line, 0.f, 0.f);
  const dnnl::memory all(line, engine_, out.get_data_handle());
  add_step(dnnl::eltwise_forward(d), d.scratchpad_desc(), {{DNNL_ARG_SRC, all}, {DNNL_ARG_DST, all}});
  steps_.emplace_back([=](const dnnl::stream&) { divide_by_sums(mutable_floats(out), grid); });
  return out;
}

dnnl::memory Primitives::Work::summed(const PlanLayer& layer) {
  const dnnl::memory in = as(values_[layer.input], kFloat);
  const Desc desc = in.get_desc();
  const Grid grid = grid_of(desc);
  const dnnl::memory out = fresh(with_size(desc, output_dims(layer, dims_of(desc))));
  if (layer.other) {
    const dnnl::memory other = as(values_[*layer.other], kFloat);
    if (other.get_desc() != desc) throw std::runtime_error("a product of unlike maps");
    steps_.emplace_back([=](const dnnl::stream&) { sum_products(floats(in), floats(other), grid, mutable_floats(out)); });
    return out;
  }
  const torch::Tensor rows = layer.weight.defined() ? layer.weight : torch::full({1, grid.cells()}, 1.f / static_cast<float>(grid.cells()));
  if (rows.size(1) != grid.cells()) throw std::runtime_error("weights for maps of another size");
  steps_.emplace_back(
      [=](const dnnl::stream&) { sum_by_rows(floats(in), grid, rows.data_ptr<float>(), rows.size(0), mutable_floats(out)); });
  return out;
}

std::vector<torch::Tensor> Primitives::Work::run(const torch::Tensor& input) {
  values_[0].set_data_handle(input.data_ptr<float>());
  std::vector<torch::Tensor> outputs;
  for (auto& [memory, dims] : outputs_) {
    auto output = torch::empty(dims);
    memory.set_data_handle(output.data_ptr<float>());
    outputs.emplace_back(std::move(output));
  }
  for (const Step& step : steps_) step(stream_);
  stream_.wait();
  return outputs;
}

Primitives::Primitives(const PlanLayers& layers, const std::vector<std::int64_t>& input, bool bfloat16, const Primitives* like)
    : work_(std::make_unique<Work>(layers, input, bfloat16, like ? like->work_->shared() : std::make_shared<Shared>())) {}
Primitives::~Primitives() = default;

const std::vector<std::int64_t>& Primitives::input() const { return work_->input(); }
bool Primitives::are_fast() const { return work_->is_fast(); }

/// Instruction sets are sets of bits, and newer ones include older ones.
bool Primitives::know_bfloat16() {
  const auto has = static_cast<unsigned>(dnnl::get_effective_cpu_isa()), needs = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  return (has & needs) == needs;
}

std::vector<torch::Tensor> Primitives::run(const torch::Tensor& input) { return work_->run(input); }

}  // namespace fkp
