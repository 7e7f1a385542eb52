// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/layer_table.h"

#include <cstdio>

#include "net/layer_list.h"
#include "net/point_net.h"
#include "programs/counted.h"

namespace fkp {
namespace {

std::int64_t parameters_of(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& p : module.parameters()) count += p.numel();
  return count;
}

/// "1 234 567", which is easier to read in columns.
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), " ");
  return text;
}

/// Padded to a width in characters: "×" is two bytes.
std::string padded(const std::string& text, std::size_t width) {
  std::size_t seen = 0;
  for (const char c : text) seen += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  return text + std::string(seen < width ? width - seen : 0, ' ');
}

std::string line(const std::string& number, const std::string& text, const std::string& gives, const std::string& parameters) {
  const auto right = [](const std::string& t, std::size_t width) { return std::string(t.size() < width ? width - t.size() : 0, ' ') + t; };
  const std::string start = right(number, 5) + "  " + padded(text, 34);
  return start + (parameters.empty() ? gives : padded(gives, 20) + right(parameters, 12)) + "\n";
}

}  // namespace

std::string layer_table(const Recipe& recipe) {
  const auto network = make_point_net(recipe);
  const cv::Size input = recipe.crop.size;
  const std::string points = counted(static_cast<std::uint64_t>(recipe.scheme.size()), "point");
  std::string table = "network: " + text_of({1, input}) + " in, " + points + " out, " + grouped(parameters_of(*network)) + " parameters\n";
  if (recipe.network.layers.empty()) return table;
  table += line("", "layer", "gives", "parameters");
  const auto modules = network->named_children();
  const auto layers = layers_of(recipe.network.layers, input, recipe.scheme.size());
  for (std::size_t i = 0; i < layers.size(); i++) {
    const Layer& l = layers[i];
    const bool put_in_a_row = i + 1 < layers.size() && layers[i + 1].kind == "linear" && !l.out.flat();
    const std::string gives = text_of(l.out) + (put_in_a_row ? " = " + std::to_string(l.out.numbers()) : "");
    const auto* module = modules.find(l.name);
    const std::int64_t parameters = module ? parameters_of(**module) : 0;
    table += line(std::to_string(i + 1), l.text, reads_maps(l) ? points : gives, parameters ? grouped(parameters) : "");
  }
  return table;
}

}  // namespace fkp
