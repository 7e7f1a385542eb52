// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/layer_list.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>

#include "programs/counted.h"
#include "programs/nearest.h"

namespace fkp {
namespace {

using Wrong = std::invalid_argument;

constexpr int kMost = 1 << 20;  // of channels, pixels or blocks

std::string text_of(cv::Size size) { return std::to_string(size.width) + "×" + std::to_string(size.height); }

int window(int size, int kernel, int stride, int padding) { return (size + 2 * padding - kernel) / stride + 1; }

/// The output shape of a window that slides over maps.
LayerSize windowed(const LayerSize& in, int channels, int kernel, int stride, int padding) {
  if (kernel < 1 || stride < 1 || padding < 0 || channels < 1) throw Wrong("its numbers are whole and at least 1");
  if (std::min(in.maps.width, in.maps.height) + 2 * padding < kernel)
    throw Wrong("the picture is " + text_of(in.maps) + " there, smaller than the kernel");
  return {channels, {window(in.maps.width, kernel, stride, padding), window(in.maps.height, kernel, stride, padding)}};
}

int padding_of(const Layer& layer) { return static_cast<int>(layer.option("padding", 0)); }

LayerSize conv(const Layer& l, int) {
  return windowed(l.in, l.number(0), l.number(1), static_cast<int>(l.option("stride", 1)), padding_of(l));
}

LayerSize pool(const Layer& l, int) {
  if (l.numbers.empty()) return {l.in.channels, {}};
  return windowed(l.in, l.in.channels, l.number(0), l.number(l.numbers.size() - 1), 0);
}

LayerSize linear(const Layer& l, int points) {
  const int numbers = l.numbers.empty() ? 2 * points : l.number(0);
  if (numbers < 1) throw Wrong("it gives at least one number");
  return {numbers, {}};
}

LayerSize same(const Layer& l, int) { return l.in; }

LayerSize dropout(const Layer& l, int) {
  if (!(l.numbers[0] >= 0 && l.numbers[0] < 1)) throw Wrong("the share that it drops lies in [0, 1)");
  return l.in;
}

LayerSize resnet(const Layer& l, int) {
  if (*std::min_element(l.numbers.begin(), l.numbers.end()) < 1) throw Wrong("each stage has at least one block");
  return {512, {}};
}

LayerSize unet(const Layer& l, int points) {
  const int step = 1 << (l.numbers.size() - 1);
  if (*std::min_element(l.numbers.begin(), l.numbers.end()) < 1) throw Wrong("its widths are at least 1");
  if (l.in.maps.width % step || l.in.maps.height % step)
    throw Wrong("the picture is " + text_of(l.in.maps) + " there, no multiple of " + std::to_string(step) + " as " +
                std::to_string(l.numbers.size()) + " widths need");
  return {points, l.in.maps};
}

LayerSize argmax(const Layer& l, int points) {
  if (l.in.channels != points)
    throw Wrong("there are " + std::to_string(l.in.channels) + " maps for " + std::to_string(points) +
                " points: let \"conv points 1\" make them");
  return {2 * points, {}};
}

enum class Takes { anything, maps };

struct Kind {
  const char* name;
  const char* form;
  std::size_t least, most;  // numbers
  std::set<std::string> options;
  bool fractions;  // as numbers
  Takes takes;
  LayerSize (*size)(const Layer&, int points);
};

const std::vector<Kind> kKinds{
    {"conv", "conv CHANNELS KERNEL [stride N] [padding N|same]", 2, 2, {"stride", "padding"}, false, Takes::maps, conv},
    {"maxpool", "maxpool KERNEL [STRIDE]", 1, 2, {}, false, Takes::maps, pool},
    {"avgpool", "avgpool [KERNEL [STRIDE]]", 0, 2, {}, false, Takes::maps, pool},
    {"linear", "linear [NUMBERS]", 0, 1, {}, false, Takes::anything, linear},
    {"relu", "relu", 0, 0, {}, false, Takes::anything, same},
    {"leakyrelu", "leakyrelu [SLOPE]", 0, 1, {}, true, Takes::anything, same},
    {"elu", "elu [ALPHA]", 0, 1, {}, true, Takes::anything, same},
    {"sigmoid", "sigmoid", 0, 0, {}, false, Takes::anything, same},
    {"tanh", "tanh", 0, 0, {}, false, Takes::anything, same},
    {"batchnorm", "batchnorm", 0, 0, {}, false, Takes::anything, same},
    {"dropout", "dropout SHARE", 1, 1, {}, true, Takes::anything, dropout},
    {"resnet", "resnet BLOCKS BLOCKS BLOCKS BLOCKS [leaky SLOPE]", 4, 4, {"leaky"}, false, Takes::maps, resnet},
    {"unet", "unet WIDTH WIDTH …", 2, 8, {}, false, Takes::maps, unet},
    {"soft-argmax", "soft-argmax", 0, 0, {}, false, Takes::maps, argmax},
    {"argmax", "argmax", 0, 0, {}, false, Takes::maps, argmax},
};

const Kind& kind_of(const std::string& name) {
  std::vector<std::string> known;
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind;
    known.emplace_back(kind.name);
  }
  throw Wrong("there is no layer '" + name + "'; " + known_names(name, known));
}

/// The number that a word stands for, of an option unless that is empty: "points" is one per point (two for a linear layer), "same" the
/// padding that keeps the size.
double value_of(const std::string& word, const std::string& option, int points, const Layer& layer, const Kind& kind) {
  if (word == "points") return layer.kind == "linear" ? 2 * points : points;
  if (word == "same" && option == "padding" && !layer.numbers.empty()) {
    const int kernel = layer.number(layer.numbers.size() - 1);
    if (kernel % 2 == 0) throw Wrong("no padding keeps the size under an even kernel: give padding as a number");
    return (kernel - 1) / 2;
  }
  std::istringstream in(word);
  double value = 0;
  if (!(in >> value) || !in.eof() || !std::isfinite(value)) throw Wrong("'" + word + "' is no number; it is written \"" + kind.form + "\"");
  const bool whole = option.empty() ? !kind.fractions : option != "leaky";
  if (whole && (value != std::floor(value) || std::abs(value) > kMost))
    throw Wrong("'" + word + "' is no whole number up to " + std::to_string(kMost));
  return value;
}

Layer parsed(const std::string& text, int points) {
  Layer layer;
  layer.text = text;
  std::istringstream words(text);
  words >> layer.kind;
  const Kind& kind = kind_of(layer.kind);
  for (std::string word; words >> word;) {
    if (kind.options.count(word) == 0) {
      if (!layer.options.empty()) throw Wrong("it is written \"" + std::string(kind.form) + "\"");
      layer.numbers.push_back(value_of(word, "", points, layer, kind));
      continue;
    }
    std::string value;
    if (!(words >> value)) throw Wrong("'" + word + "' has no value; it is written \"" + kind.form + "\"");
    layer.options[word] = value_of(value, word, points, layer, kind);
  }
  if (layer.numbers.size() < kind.least || layer.numbers.size() > kind.most)
    throw Wrong("it is written \"" + std::string(kind.form) + "\"");
  return layer;
}

void place(Layer& layer, const LayerSize& in, int points) {
  const Kind& kind = kind_of(layer.kind);
  layer.in = in;
  if (kind.takes == Takes::maps && in.flat()) throw Wrong("it needs maps, and there are " + text_of(in) + " numbers in a row");
  layer.out = kind.size(layer, points);
}

/// Gives layers the names that they have in torchvision, if any, so that its weights can be matched.
void name(std::vector<Layer>& layers) {
  for (std::size_t i = 0; i < layers.size(); i++) layers[i].name = std::to_string(i + 1);
  const auto first = std::find_if(layers.begin(), layers.end(), [](const Layer& l) { return l.kind == "resnet"; });
  if (first != layers.end()) first->name = "resnet";
  const auto last = std::find_if(layers.rbegin(), layers.rend(), [](const Layer& l) { return l.kind == "linear"; });
  if (last != layers.rend()) last->name = "fc";
}

}  // namespace

std::string text_of(const LayerSize& size) { return std::to_string(size.channels) + (size.flat() ? "" : " × " + text_of(size.maps)); }

double Layer::option(const std::string& key, double otherwise) const {
  const auto found = options.find(key);
  return found == options.end() ? otherwise : found->second;
}

bool reads_maps(const Layer& last) { return last.kind == "soft-argmax" || last.kind == "argmax"; }

std::vector<Layer> layers_of(const std::vector<std::string>& texts, cv::Size input, int points) {
  std::vector<Layer> layers;
  LayerSize size{1, input};
  for (const std::string& text : texts) {
    try {
      if (!layers.empty() && reads_maps(layers.back())) throw Wrong("nothing comes after \"" + layers.back().text + "\"");
      layers.push_back(parsed(text, points));
      place(layers.back(), size, points);
    } catch (const Wrong& wrong) {
      const std::size_t number = &text - texts.data() + 1;
      throw Wrong("layer " + std::to_string(number) + ", \"" + text + "\": " + wrong.what());
    }
    size = layers.back().out;
  }
  if (layers.empty()) throw Wrong("there is no layer");
  if (!size.flat() || size.channels != 2 * points)
    throw Wrong("the last layer, \"" + layers.back().text + "\", gives " + text_of(size) + ", not the two coordinates of " +
                counted(static_cast<std::uint64_t>(points), "point") +
                ": end with \"linear\" or, behind a map for each point, \"soft-argmax\"");
  name(layers);
  return layers;
}

}  // namespace fkp
