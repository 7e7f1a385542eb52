// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <toml++/toml.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace fkp {

/// Reads the keys of one TOML table into variables; a key that was never asked for is an error. Errors are Error (unreadable) and name the
/// file and the line.
class TomlKeys {
 public:
  /// `name` is what messages call the table.
  TomlKeys(const toml::table& table, std::string name, std::filesystem::path file)
      : table_(table), name_(std::move(name)), file_(std::move(file)) {}

  template <typename T>
  TomlKeys& operator()(const char* key, T& value) {
    const toml::node* node = sought(key);
    if (!node) return *this;
    const auto read = node->value<T>();
    if (!read) fail(*node, "'" + std::string(key) + "' has the wrong type");
    if constexpr (std::is_floating_point_v<T>)
      if (!std::isfinite(*read)) fail(*node, "'" + std::string(key) + "' is no finite number");
    value = *read;
    return *this;
  }
  TomlKeys& operator()(const char* key, std::vector<int>& values);

  /// Calls `each` for every item of a list.
  TomlKeys& list(const char* key, const std::function<void(const toml::node&)>& each);

  /// The value of a key, to be read by the caller; nullptr if it is absent.
  const toml::node* sought(const char* key);

  /// Reads an inner table with `read`; a key that this does not ask for is an error.
  TomlKeys& table(const char* key, const std::function<void(TomlKeys&)>& read);
  TomlKeys& sub(const toml::table& inner, const std::string& name, const std::function<void(TomlKeys&)>& read);

  /// Throws if the table has a key that was never asked for.
  void finish() const;

  /// "FILE:LINE"
  std::string place(const toml::node& node) const;
  [[noreturn]] void fail(const toml::node& node, const std::string& what) const;

 private:
  const toml::table& table_;
  std::string name_;
  std::filesystem::path file_;
  std::vector<std::string> known_;
};

/// Parses the text of a file. Throws Error (unreadable) with file, line and what is wrong.
toml::table parse_toml(const std::string& text, const std::filesystem::path& file);

}  // namespace fkp
