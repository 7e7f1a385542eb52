// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <map>
#include <opencv2/core/types.hpp>
#include <string>
#include <vector>

namespace fkp {

/// The shape that passes from one layer to the next: maps, or a vector.
struct LayerSize {
  int channels = 0;
  cv::Size maps;  ///< 0×0 for a vector

  bool flat() const { return maps.width == 0; }
  std::int64_t numbers() const { return flat() ? channels : std::int64_t{channels} * maps.area(); }
};

/// "12 × 78×58" (channels × width×height), or "120".
std::string text_of(const LayerSize& size);

/// A layer with its input and output shapes.
struct Layer {
  std::string text;                       ///< as in the recipe
  std::string name;                       ///< of its module: its number, such as "3"; "resnet" for a ResNet, "fc" for the last linear layer
  std::string kind;                       ///< "conv"
  std::vector<double> numbers;            ///< 20 and 5 of "conv 20 5"
  std::map<std::string, double> options;  ///< padding: 1 of "conv 20 5 padding 1"
  LayerSize in, out;

  int number(std::size_t i) const { return static_cast<int>(numbers.at(i)); }
  double option(const std::string& key, double otherwise) const;
};

/// Parses a network of layers, one text each, and derives the shapes between them:
///   conv CHANNELS KERNEL [stride N] [padding N|same]    linear [NUMBERS]
///   maxpool KERNEL [STRIDE]   avgpool [KERNEL [STRIDE]] (without: the mean of each map)
///   relu   leakyrelu [SLOPE]   elu [ALPHA]   sigmoid   tanh   batchnorm   dropout SHARE
///   resnet BLOCKS BLOCKS BLOCKS BLOCKS [leaky SLOPE]   unet WIDTH WIDTH …   (resnet.h, unet.h)
///   soft-argmax, argmax (last layer: from one map per point to points)
/// CHANNELS may be "points", one per point; so may NUMBERS, two per point, which is its default. A linear layer flattens its input.
/// The last layer must give `points` points. Throws std::invalid_argument that names the layer's number and text.
std::vector<Layer> layers_of(const std::vector<std::string>& texts, cv::Size input, int points);

/// Whether this last layer reads the points from maps.
bool reads_maps(const Layer& last);

}  // namespace fkp
