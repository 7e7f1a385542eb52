// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <map>
#include <opencv2/core/types.hpp>
#include <string>
#include <vector>

namespace fkp {

/// What passes from a layer to the next: maps, or numbers in a row.
struct LayerSize {
  int channels = 0;
  cv::Size maps;  ///< 0×0 for numbers in a row

  bool flat() const { return maps.width == 0; }
  int numbers() const { return flat() ? channels : channels * maps.area(); }
};

/// "12 × 78×58" (channels × width×height), or "120".
std::string text_of(const LayerSize& size);

/// A layer in its place.
struct Layer {
  std::string text;                       ///< as the recipe has it
  std::string name;                       ///< of its module: "3", its number; "resnet" of a ResNet, "fc" of the last linear layer
  std::string kind;                       ///< "conv"
  std::vector<double> numbers;            ///< 20, 5 of "conv 20 5"
  std::map<std::string, double> options;  ///< padding 1 of "conv 20 5 padding 1"
  LayerSize in, out;

  int number(std::size_t i) const { return static_cast<int>(numbers.at(i)); }
  double option(const std::string& key, double otherwise) const;
};

/// Reads a network of layers, one text each, and derives the sizes between them:
///   conv CHANNELS KERNEL [stride N] [padding N|same]    linear [NUMBERS]    points: the two coordinates of each
///   maxpool KERNEL [STRIDE]   avgpool [KERNEL [STRIDE]] (without: the mean of each map)
///   relu   leakyrelu [SLOPE]   elu [ALPHA]   sigmoid   tanh   batchnorm   dropout SHARE
///   resnet BLOCKS BLOCKS BLOCKS BLOCKS [leaky SLOPE]   unet WIDTH WIDTH …   (resnet.h, unet.h)
///   soft-argmax, argmax: from a map for each point to points; the last layer
/// CHANNELS may be "points": as many as there are. What comes before a linear layer is put in a row. The last layer gives
/// `points` points. Throws std::invalid_argument that names the layer's number and text.
std::vector<Layer> layers_of(const std::vector<std::string>& texts, cv::Size input, int points);

/// Whether the network's points are read from maps.
bool reads_maps(const Layer& last);

}  // namespace fkp
