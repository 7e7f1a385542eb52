// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/layered_net.h"

#include <map>
#include <stdexcept>

#include "fkp/core/error.h"
#include "net/autocast.h"
#include "net/map_reading.h"
#include "net/resnet.h"
#include "net/unet.h"

namespace fkp {
namespace {

namespace nn = torch::nn;
using nn::AnyModule;

struct MeanOfMapsImpl : nn::Module {
  torch::Tensor forward(const torch::Tensor& x) { return x.mean({2, 3}); }
};
TORCH_MODULE(MeanOfMaps);

double number_or(const Layer& l, double otherwise) { return l.numbers.empty() ? otherwise : l.numbers[0]; }

AnyModule conv(const Layer& l) {
  const auto stride = static_cast<std::int64_t>(l.option("stride", 1)), padding = static_cast<std::int64_t>(l.option("padding", 0));
  return AnyModule(nn::Conv2d(nn::Conv2dOptions(l.in.channels, l.number(0), l.number(1)).stride(stride).padding(padding)));
}

AnyModule batch_norm(const Layer& l) {
  return l.in.flat() ? AnyModule(nn::BatchNorm1d(l.in.channels)) : AnyModule(nn::BatchNorm2d(l.in.channels));
}

AnyModule avgpool(const Layer& l) {
  if (l.numbers.empty()) return AnyModule(MeanOfMaps());
  return AnyModule(nn::AvgPool2d(nn::AvgPool2dOptions(l.number(0)).stride(l.number(l.numbers.size() - 1))));
}

AnyModule resnet(const Layer& l) {
  return AnyModule(ResNet(l.in.channels, std::array<int, 4>{l.number(0), l.number(1), l.number(2), l.number(3)}, l.option("leaky", 0)));
}

// Layers that read maps are not among these: they have no weights, and need the grid.
const std::map<std::string, AnyModule (*)(const Layer&)> kMakers{
    {"conv", conv},
    {"maxpool",
     [](const Layer& l) { return AnyModule(nn::MaxPool2d(nn::MaxPool2dOptions(l.number(0)).stride(l.number(l.numbers.size() - 1)))); }},
    {"avgpool", avgpool},
    {"linear", [](const Layer& l) { return AnyModule(nn::Linear(l.in.numbers(), l.out.channels)); }},
    {"relu", [](const Layer&) { return AnyModule(nn::ReLU()); }},
    {"leakyrelu", [](const Layer& l) { return AnyModule(nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(number_or(l, 0.01)))); }},
    {"elu", [](const Layer& l) { return AnyModule(nn::ELU(nn::ELUOptions().alpha(number_or(l, 1)))); }},
    {"sigmoid", [](const Layer&) { return AnyModule(nn::Sigmoid()); }},
    {"tanh", [](const Layer&) { return AnyModule(nn::Tanh()); }},
    {"batchnorm", batch_norm},
    {"dropout", [](const Layer& l) { return AnyModule(nn::Dropout(l.numbers[0])); }},
    {"resnet", resnet},
    {"unet",
     [](const Layer& l) { return AnyModule(UNet(l.in.channels, std::vector<int>(l.numbers.begin(), l.numbers.end()), l.out.channels)); }},
};

void draw(torch::Tensor weight, Draw how) {
  switch (how) {
    case Draw::pytorch:
      break;
    case Draw::kaiming_uniform:
      nn::init::kaiming_uniform_(weight, 0, torch::kFanIn, torch::kReLU);
      break;
    case Draw::kaiming_normal:
      nn::init::kaiming_normal_(weight, 0, torch::kFanIn, torch::kReLU);
      break;
    case Draw::xavier_uniform:
      nn::init::xavier_uniform_(weight);
      break;
    case Draw::xavier_normal:
      nn::init::xavier_normal_(weight);
      break;
  }
}

template <typename Module>
void initialise(const std::shared_ptr<nn::Module>& module, Draw how, bool zero_bias) {
  auto* m = module->as<Module>();
  if (!m) return;
  draw(m->weight, how);
  if (zero_bias && m->bias.defined()) nn::init::zeros_(m->bias);
}

std::vector<Layer> placed(const NetworkSpec& spec, cv::Size input, int points) {
  try {
    return layers_of(spec.layers, input, points);
  } catch (const std::invalid_argument& e) {
    throw Error(ErrorKind::unreadable, std::string("[network] ") + e.what());
  }
}

}  // namespace

LayeredNet::LayeredNet(const NetworkSpec& spec, cv::Size input, int points) : layers_(placed(spec, input, points)) {
  for (const Layer& layer : layers_) {
    if (reads_maps(layer)) continue;
    modules_.push_back(kMakers.at(layer.kind)(layer));
    register_module(layer.name, modules_.back().ptr());
  }
  for (const auto& module : modules(false)) {
    initialise<nn::Conv2d>(module, spec.init.conv, spec.init.zero_bias);
    initialise<nn::ConvTranspose2d>(module, spec.init.conv, spec.init.zero_bias);
    initialise<nn::Linear>(module, spec.init.linear, spec.init.zero_bias);
  }
  if (reads_maps(layers_.back())) {
    grid_ = register_buffer("grid", cell_centers(input, layers_.back().in.maps));
    return;
  }
  const auto wide = static_cast<float>(input.width), high = static_cast<float>(input.height);
  scale_ = register_buffer("scale", spec.unit ? torch::tensor({wide, high}) : torch::full({2}, spec.scale));
  offset_ = register_buffer("offset", torch::full({2}, spec.unit ? -0.5f : spec.offset));
}

NetOutput LayeredNet::forward(const torch::Tensor& crops) {
  auto x = crops;
  for (std::size_t i = 0; i < modules_.size(); i++) {
    if (layers_[i].kind == "linear" && !layers_[i].in.flat()) x = x.flatten(1);
    x = modules_[i].forward(x);
  }
  x = in_float(x);
  NetOutput out;
  if (!grid_.defined()) {
    out.points = x.view({-1, layers_.back().out.channels / 2, 2}) * scale_ + offset_;
    return out;
  }
  out.peaks = layers_.back().kind == "argmax";
  if (is_training()) {
    out.maps = x;
    out.grid = grid_.view({2, x.size(2), x.size(3)});
  }
  if (is_training() && !out.peaks) {
    const MapReading reading = read_maps(x, {}, out.grid);
    out.points = reading.points;
    out.log_sum = reading.log_sum;
  } else {
    const auto maps = x.flatten(2);
    out.points = out.peaks ? peak_points(maps, grid_) : mean_points(maps, grid_);
  }
  return out;
}

std::vector<std::string> LayeredNet::last() const {
  for (std::size_t i = modules_.size(); i-- > 0;) {
    if (layers_[i].kind == "unet") return {layers_[i].name + ".maps"};
    if (layers_[i].kind == "conv" || layers_[i].kind == "linear") return {layers_[i].name};
  }
  return {};
}

}  // namespace fkp
