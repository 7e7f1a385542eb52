// SPDX-License-Identifier: LGPL-2.1-or-later
#include "programs/toml_keys.h"

#include <algorithm>

#include "fkp/core/error.h"
#include "programs/nearest.h"

namespace fkp {

TomlKeys& TomlKeys::operator()(const char* key, std::vector<int>& values) {
  if (const toml::node* node = sought(key); node && node->is_array()) values.clear();
  return list(key, [&](const toml::node& node) {
    const auto value = node.value<int>();
    if (!value) fail(node, "'" + std::string(key) + "' holds whole numbers");
    values.push_back(*value);
  });
}

TomlKeys& TomlKeys::list(const char* key, const std::function<void(const toml::node&)>& each) {
  const toml::node* node = sought(key);
  if (!node) return *this;
  if (!node->is_array()) fail(*node, "'" + std::string(key) + "' must be a list");
  for (const toml::node& item : *node->as_array()) each(item);
  return *this;
}

const toml::node* TomlKeys::sought(const char* key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return table_.get(key);
}

TomlKeys& TomlKeys::table(const char* key, const std::function<void(TomlKeys&)>& read) {
  const toml::node* node = sought(key);
  if (!node) return *this;
  if (!node->is_table()) fail(*node, "'" + std::string(key) + "' must be a table");
  return sub(*node->as_table(), key, read);
}

TomlKeys& TomlKeys::sub(const toml::table& inner, const std::string& name, const std::function<void(TomlKeys&)>& read) {
  TomlKeys keys(inner, name, file_);
  read(keys);
  keys.finish();
  return *this;
}

void TomlKeys::finish() const {
  for (const auto& [key, node] : table_) {
    const std::string text(key.str());
    if (std::find(known_.begin(), known_.end(), text) == known_.end())
      fail(node, "unknown key '" + text + "' in " + name_ + "; " + known_names(text, known_));
  }
}

std::string TomlKeys::place(const toml::node& node) const { return file_.string() + ":" + std::to_string(node.source().begin.line); }

void TomlKeys::fail(const toml::node& node, const std::string& what) const {
  throw Error(ErrorKind::unreadable, place(node) + ": " + what);
}

toml::table parse_toml(const std::string& text, const std::filesystem::path& file) {
  try {
    return toml::parse(text, file.string());
  } catch (const toml::parse_error& e) {
    throw Error(ErrorKind::unreadable, file.string() + ":" + std::to_string(e.source().begin.line) + ": " + std::string(e.description()));
  }
}

}  // namespace fkp
