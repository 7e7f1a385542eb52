// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/quick_layers.h"

#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "fkp/onednn/onednn.h"

namespace fkp {
namespace {

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
namespace variants = std;
#else
namespace variants = c10;
#endif

using c10::intrusive_ptr;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;
constexpr std::int64_t kBlock = 16;          // channels per vector register in oneDNN
constexpr std::int64_t kLeastChannels = 32;  // with fewer, Winograd's transforms do not pay off

const dnnl::engine& engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

Desc desc_of(torch::IntArrayRef sizes, torch::IntArrayRef strides, torch::ScalarType type) {
  return {sizes.vec(), type == torch::kBFloat16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32, strides.vec()};
}

Desc desc_of(const Tensor& x) { return desc_of(x.sizes(), x.strides(), x.scalar_type()); }

dnnl::memory memory(const Tensor& x, const Desc& desc) { return {desc, engine(), x.data_ptr()}; }
dnnl::memory memory(const Tensor& x) { return memory(x, desc_of(x)); }

Tensor bytes(const Desc& desc) { return torch::empty({static_cast<std::int64_t>(desc.get_size())}, torch::kUInt8); }

void run(const dnnl::primitive& primitive, const std::unordered_map<int, dnnl::memory>& arguments) {
  dnnl::stream stream(engine());
  primitive.execute(stream, arguments);
  stream.wait();
}

void reorder(dnnl::memory from, dnnl::memory to) { run(dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}); }

/// A copy of the tensor in the layout `wanted`.
Tensor laid_out(const Tensor& x, const Desc& wanted) {
  Tensor to = bytes(wanted);
  reorder(memory(x), memory(to, wanted));
  return to;
}

/// oneDNN's primitives for one shape: created once, then kept. Null if it has none, or only its reference implementation.
template <class Work>
intrusive_ptr<Work> work_for(const typename Work::Key& key) {
  static std::mutex mutex;
  static std::map<typename Work::Key, intrusive_ptr<Work>> known;
  const std::lock_guard lock(mutex);
  const auto [place, fresh] = known.try_emplace(key);
  if (fresh) {
    try {
      place->second = c10::make_intrusive<Work>(key);
    } catch (const std::exception&) {  // not on this processor, or not for this shape
    }
  }
  return place->second;
}

template <class Work>
intrusive_ptr<Work> work_of(AutogradContext& context) {
  return c10::static_intrusive_pointer_cast<Work>(context.saved_data.at("work").toCapsule());
}

struct NormWork : torch::CustomClassHolder {
  using Key = std::tuple<Dims, Dims, torch::ScalarType, double, bool, int>;  // sizes, strides, type, epsilon, with ReLU, threads

  explicit NormWork(const Key& key) {
    using Flags = dnnl::normalization_flags;
    const auto& [sizes, strides, type, epsilon, relu, threads] = key;
    const Desc x = desc_of(sizes, strides, type);
    const auto flags = Flags::use_scale | Flags::use_shift | (relu ? Flags::fuse_norm_relu : Flags::none);
    const auto e = static_cast<float>(epsilon);
#if DNNL_VERSION_MAJOR >= 3
    const auto there = described<dnnl::batch_normalization_forward>(engine(), {}, dnnl::prop_kind::forward_training, x, x, e, flags);
    const auto back = described_backward<dnnl::batch_normalization_backward>(engine(), there, dnnl::prop_kind::backward, x, x, x, e, flags);
#else
    const auto there = described<dnnl::batch_normalization_forward>(engine(), {}, dnnl::prop_kind::forward_training, x, e, flags);
    const auto back = described_backward<dnnl::batch_normalization_backward>(engine(), there, dnnl::prop_kind::backward, x, x, e, flags);
#endif
    for (const std::string name : {there.impl_info_str(), back.impl_info_str()})
      if (name.find("jit") == std::string::npos) throw std::runtime_error("slower than libtorch's");
    signs = there.workspace_desc();
    forward = dnnl::batch_normalization_forward(there);
    backward = dnnl::batch_normalization_backward(back);
  }

  Desc signs;  // workspace: where the ReLU's input was positive
  dnnl::primitive forward, backward;
};

struct Norm : torch::autograd::Function<Norm> {
  static variable_list forward(AutogradContext* context, const Tensor& x, const Tensor& scale, const Tensor& shift,
                               const intrusive_ptr<NormWork>& work) {
    const auto y = torch::empty_like(x), mean = torch::empty_like(scale), variance = torch::empty_like(scale), signs = bytes(work->signs);
    run(work->forward, {{DNNL_ARG_SRC, memory(x)},
                        {DNNL_ARG_DST, memory(y)},
                        {DNNL_ARG_SCALE, memory(scale)},
                        {DNNL_ARG_SHIFT, memory(shift)},
                        {DNNL_ARG_MEAN, memory(mean)},
                        {DNNL_ARG_VARIANCE, memory(variance)},
                        {DNNL_ARG_WORKSPACE, memory(signs, work->signs)}});
    context->mark_non_differentiable({mean, variance});
    context->save_for_backward({x, scale, shift, mean, variance, signs});
    context->saved_data["work"] = c10::IValue::make_capsule(work);
    return {y, mean, variance};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto work = work_of<NormWork>(*context);
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &scale = saved[1], &shift = saved[2], &mean = saved[3], &variance = saved[4], &signs = saved[5];
    const auto of_y = gradients[0].contiguous(kChannelsLast);
    const auto of_x = torch::empty_like(x), of_scale = torch::empty_like(scale), of_shift = torch::empty_like(shift);
    std::unordered_map<int, dnnl::memory> arguments{
        {DNNL_ARG_SRC, memory(x)},       {DNNL_ARG_DIFF_DST, memory(of_y)},       {DNNL_ARG_DIFF_SRC, memory(of_x)},
        {DNNL_ARG_SCALE, memory(scale)}, {DNNL_ARG_DIFF_SCALE, memory(of_scale)}, {DNNL_ARG_DIFF_SHIFT, memory(of_shift)},
        {DNNL_ARG_MEAN, memory(mean)},   {DNNL_ARG_VARIANCE, memory(variance)},   {DNNL_ARG_WORKSPACE, memory(signs, work->signs)}};
#if DNNL_VERSION_MAJOR < 3  // required there; from 3 on forbidden
    arguments.emplace(DNNL_ARG_SHIFT, memory(shift));
#endif
    run(work->backward, arguments);
    return {of_x, of_scale, of_shift, Tensor()};
  }
};

struct WinogradWork : torch::CustomClassHolder {
  using Key = std::tuple<Dims, Dims, int>;  // sizes of the input and of the weights, threads

  explicit WinogradWork(const Key& key) {
    const auto& [input, kernels, threads] = key;
    constexpr auto kFloat = dnnl::memory::data_type::f32;
    constexpr auto kAny = dnnl::memory::format_tag::any;
    constexpr auto kWinograd = dnnl::algorithm::convolution_winograd;
    const Desc x(input, kFloat, kAny), w(kernels, kFloat, kAny), y({input[0], kernels[0], input[2], input[3]}, kFloat, kAny);
    const Dims one{1, 1};
    const auto there =
        described<dnnl::convolution_forward>(engine(), {}, dnnl::prop_kind::forward_training, kWinograd, x, w, y, one, one, one);
    const auto to_x = described_backward<dnnl::convolution_backward_data>(engine(), there, kWinograd, x, w, y, one, one, one);
    const auto to_weights = described_backward<dnnl::convolution_backward_weights>(engine(), there, kWinograd, x, w, y, one, one, one);
    in = there.src_desc();
    out = there.dst_desc();
    if (in != to_x.diff_src_desc() || in != to_weights.src_desc() || out != to_x.diff_dst_desc() || out != to_weights.diff_dst_desc())
      throw std::runtime_error("a layout for each way");
    weights = there.weights_desc();
    weights_for_x = to_x.weights_desc();
    of_weights = to_weights.diff_weights_desc();
    forward = dnnl::convolution_forward(there);
    backward_x = dnnl::convolution_backward_data(to_x);
    backward_weights = dnnl::convolution_backward_weights(to_weights);
  }

  Desc in, out, weights, weights_for_x, of_weights;
  dnnl::primitive forward, backward_x, backward_weights;
};

struct Winograd : torch::autograd::Function<Winograd> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const intrusive_ptr<WinogradWork>& work) {
    const auto y = torch::empty({x.size(0), weight.size(0), x.size(2), x.size(3)}, x.options(), kChannelsLast);
    const auto in = laid_out(x, work->in), weights = laid_out(weight, work->weights), out = bytes(work->out);
    run(work->forward,
        {{DNNL_ARG_SRC, memory(in, work->in)}, {DNNL_ARG_WEIGHTS, memory(weights, work->weights)}, {DNNL_ARG_DST, memory(out, work->out)}});
    reorder(memory(out, work->out), memory(y));
    context->save_for_backward({in, weight});
    context->saved_data["work"] = c10::IValue::make_capsule(work);
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto work = work_of<WinogradWork>(*context);
    const auto saved = context->get_saved_variables();
    const auto &in = saved[0], &weight = saved[1];
    const auto of_y = gradients[0].contiguous(kChannelsLast);
    const auto of_x = torch::empty({of_y.size(0), weight.size(1), of_y.size(2), of_y.size(3)}, of_y.options(), kChannelsLast);
    const auto of_weight = torch::empty_like(weight), weights = laid_out(weight, work->weights_for_x);
    const auto of_out = laid_out(of_y, work->out), of_in = bytes(work->in), of_weights = bytes(work->of_weights);
    run(work->backward_x, {{DNNL_ARG_DIFF_DST, memory(of_out, work->out)},
                           {DNNL_ARG_WEIGHTS, memory(weights, work->weights_for_x)},
                           {DNNL_ARG_DIFF_SRC, memory(of_in, work->in)}});
    reorder(memory(of_in, work->in), memory(of_x));
    run(work->backward_weights, {{DNNL_ARG_SRC, memory(in, work->in)},
                                 {DNNL_ARG_DIFF_DST, memory(of_out, work->out)},
                                 {DNNL_ARG_DIFF_WEIGHTS, memory(of_weights, work->of_weights)}});
    reorder(memory(of_weights, work->of_weights), memory(of_weight));
    return {of_x, of_weight, Tensor()};
  }
};

bool is_trained(const torch::nn::Module& layer, const Tensor& x) {
  return layer.is_training() && torch::GradMode::is_enabled() && x.device().is_cpu() && x.dim() == 4 && x.numel() > x.size(1) &&
         (x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16);
}

bool suits_winograd(const torch::nn::Conv2dImpl& layer, const Tensor& x) {
  const auto fits = [](std::int64_t channels) { return channels >= kLeastChannels && channels % kBlock == 0; };
  const torch::IntArrayRef of_weight = layer.weight.sizes(), stride = *layer.options.stride();
  const auto* padding = variants::get_if<torch::ExpandingArray<2>>(&layer.options.padding());
  const Dims one{1, 1};
  return is_trained(layer, x) && x.scalar_type() == torch::kFloat && !layer.bias.defined() &&
         of_weight.slice(2) == torch::IntArrayRef({3, 3}) && fits(of_weight[0]) && fits(of_weight[1]) &&
         stride == torch::IntArrayRef(one) && padding && torch::IntArrayRef(**padding) == torch::IntArrayRef(one);
}

}  // namespace

Tensor convolved(torch::nn::Conv2dImpl& layer, const Tensor& x) {
  if (suits_winograd(layer, x))
    if (const auto work = work_for<WinogradWork>({x.sizes().vec(), layer.weight.sizes().vec(), at::get_num_threads()}))
      return Winograd::apply(x, layer.weight, work);
  return layer.forward(x);
}

Tensor normalised(torch::nn::BatchNorm2dImpl& layer, const Tensor& x, bool relu) {
  if (is_trained(layer, x) && x.size(1) % kBlock == 0) {
    const auto last = x.contiguous(kChannelsLast);
    const double epsilon = layer.options.eps(), momentum = *layer.options.momentum();
    if (const auto work =
            work_for<NormWork>({last.sizes().vec(), last.strides().vec(), x.scalar_type(), epsilon, relu, at::get_num_threads()})) {
      const auto out = Norm::apply(last, layer.weight, layer.bias, work);
      const auto count = static_cast<double>(x.numel() / x.size(1));
      layer.num_batches_tracked += 1;
      layer.running_mean.lerp_(out[1], momentum);
      layer.running_var.lerp_(out[2] * (count / (count - 1)), momentum);
      return out[0];
    }
  }
  const auto y = layer.forward(x);
  return relu ? torch::relu(y) : y;
}

}  // namespace fkp
