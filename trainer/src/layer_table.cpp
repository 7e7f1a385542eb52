// SPDX-License-Identifier: LGPL-2.1-or-later
#include "layer_table.h"

#include <cstdio>

#include "layer_list.h"
#include "point_net.h"

namespace fkp {
namespace {

std::int64_t parameters_of(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& p : module.parameters()) count += p.numel();
  return count;
}

/// "1 234 567": columns are easier to read so.
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), " ");
  return text;
}

/// Padded by what is seen: "×" is two bytes.
std::string padded(const std::string& text, std::size_t width) {
  std::size_t seen = 0;
  for (const char c : text) seen += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  return text + std::string(seen < width ? width - seen : 0, ' ');
}

std::string line(const std::string& number, const std::string& text, const std::string& gives, const std::string& parameters) {
  return "  " + std::string(number.size() < 3 ? 3 - number.size() : 0, ' ') + number + "  " + padded(text, 34) + padded(gives, 18) +
         std::string(parameters.size() < 12 ? 12 - parameters.size() : 0, ' ') + parameters + "\n";
}

}  // namespace

std::string layer_table(const Recipe& recipe) {
  const auto network = make_point_net(recipe);
  const cv::Size input = recipe.crop.size;
  const std::string points = std::to_string(recipe.scheme.size()) + (recipe.scheme.size() == 1 ? " point" : " points");
  std::string table = "network: " + text_of({1, input}) + " in, " + points + " out, " + grouped(parameters_of(*network)) + " parameters\n";
  if (recipe.network.layers.empty()) return table;
  table += line("", "layer", "gives", "parameters");
  const auto modules = network->named_children();
  int number = 0;
  for (const Layer& l : layers_of(recipe.network.layers, input, recipe.scheme.size())) {
    const auto* module = modules.find(l.name);
    const std::int64_t parameters = module ? parameters_of(**module) : 0;
    table += line(std::to_string(++number), l.text, reads_maps(l) ? points : text_of(l.out), parameters ? grouped(parameters) : "");
  }
  return table;
}

}  // namespace fkp
