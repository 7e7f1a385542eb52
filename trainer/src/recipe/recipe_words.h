// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "programs/nearest.h"
#include "programs/toml_keys.h"

namespace fkp {

/// Words in a recipe and the values they stand for.
template <typename Value>
using Choices = std::vector<std::pair<std::string, Value>>;

/// Reads a key whose value is one of the words in `choices`; any other value is an error that names the nearest word.
template <typename Value>
void choose(TomlKeys& keys, const char* key, Value& value, const Choices<Value>& choices) {
  const toml::node* node = keys.sought(key);
  if (!node) return;
  const auto text = node->value<std::string>();
  std::vector<std::string> known;
  for (const auto& [name, meant] : choices) {
    known.push_back(name);
    if (text != name) continue;
    value = meant;
    return;
  }
  keys.fail(*node, "'" + std::string(key) + "' " + (text ? "cannot be \"" + *text + '"' : "is a word") + "; " +
                       known_names(text.value_or(""), known));
}

/// The numbers in a list of two finite ones; none if `node` is anything else.
inline std::optional<std::pair<double, double>> pair_in(const toml::node& node) {
  const auto* list = node.as_array();
  if (!list || list->size() != 2) return std::nullopt;
  const auto first = list->get(0)->value<double>(), second = list->get(1)->value<double>();
  if (!first || !second || !std::isfinite(static_cast<float>(*first)) || !std::isfinite(static_cast<float>(*second))) return std::nullopt;
  return std::pair(*first, *second);
}

}  // namespace fkp
