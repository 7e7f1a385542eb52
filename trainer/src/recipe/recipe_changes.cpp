// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recipe/recipe_changes.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "fkp/core/error.h"
#include "programs/toml_keys.h"

namespace fkp {
namespace {

[[noreturn]] void fail(const RecipeChange& change, const std::string& what) {
  throw Error(ErrorKind::settings, "--set " + change.key + "=" + change.value + ": " + what);
}

/// The tables in front of a key, and the key itself.
struct Path {
  std::string table, key;
};

Path path_of(const RecipeChange& change) {
  const std::size_t dot = change.key.rfind('.');
  return dot == std::string::npos ? Path{"", change.key} : Path{change.key.substr(0, dot), change.key.substr(dot + 1)};
}

/// An empty recipe with the change applied.
toml::table alone(const RecipeChange& change) {
  try {
    return toml::parse(change.key + " = " + change.value + "\n");
  } catch (const toml::parse_error&) {
    fail(change, "that is no TOML; write numbers as 1e-3, texts in quotes as '" + change.key + "=\"TEXT\"', lists as [1, 2]");
  }
}

/// The byte offset in the text of a toml++ position (line and column from 1, one column per code point).
std::size_t offset_of(const std::string& text, const toml::source_position& position) {
  std::size_t offset = 0;
  for (toml::source_index line = 1; line < position.line; line++) offset = text.find('\n', offset) + 1;
  for (toml::source_index column = 1; column < position.column; column++) {
    offset++;
    while (offset < text.size() && (text[offset] & 0xc0) == 0x80) offset++;
  }
  return offset;
}

std::string with_line(const std::string& text, std::size_t offset, const std::string& line) {
  return text.substr(0, offset) + line + text.substr(offset);
}

/// The text with a key added that it does not have yet.
std::string added(const std::string& text, const toml::table& root, const RecipeChange& change) {
  const Path path = path_of(change);
  const std::string line = path.key + " = " + change.value;
  if (path.table.empty()) return line + "\n" + text;
  const auto table = root.at_path(path.table);
  const auto with_table = [&] { return text + (text.empty() || text.back() == '\n' ? "\n[" : "\n\n[") + path.table + "]\n" + line + "\n"; };
  if (!table) return with_table();
  if (!table.is_table()) fail(change, "'" + path.table + "' is no table there");
  const std::size_t begin = offset_of(text, table.node()->source().begin);
  if (table.as_table()->is_inline()) return with_line(text, begin + 1, table.as_table()->empty() ? line : " " + line + ",");
  // A table without a header comes from dotted keys.
  if (text[begin] != '[') return change.key + " = " + change.value + "\n" + text;
  if (text[begin + 1] == '[') return with_table();  // of a list in it, such as [[data.train]]
  const std::size_t end = text.find('\n', begin);
  return end == std::string::npos ? text + "\n" + line + "\n" : with_line(text, end + 1, line + "\n");
}

void flatten(const toml::table& table, const std::string& prefix, RecipeSettings& settings) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      flatten(*inner, name + ".", settings);
      continue;
    }
    std::ostringstream text;
    text << toml::node_view<const toml::node>(node);
    // A number as people write it: 0.0002, where toml++ writes 2e-04.
    settings[name] = node.is_floating_point() ? fmt::format("{}", **node.as_floating_point()) : text.str();
  }
}

/// Strips "FILE:LINE: ": the mistake is in --set, not there.
std::string without_place(const std::string& message, const std::filesystem::path& file) {
  if (message.rfind(file.string() + ":", 0) != 0) return message;
  const std::size_t end = message.find(": ", file.string().size());
  return end == std::string::npos ? message : message.substr(end + 2);
}

}  // namespace

RecipeChange change_from(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
    throw Error(ErrorKind::settings, "--set " + text + ": write KEY=VALUE, as in train.lr=1e-3");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<RecipeChange> changes_from(const std::string& text) {
  const RecipeChange all = change_from(text);
  std::vector<RecipeChange> changes{{all.key, ""}};
  int depth = 0;
  char quote = 0;
  for (char c : all.value) {
    if (quote != 0)
      quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else
      depth += (c == '[' || c == '{') - (c == ']' || c == '}');
    if (c == ',' && depth == 0 && quote == 0)
      changes.push_back({all.key, ""});
    else
      changes.back().value += c;
  }
  for (const RecipeChange& change : changes)
    if (change.value.empty()) throw Error(ErrorKind::settings, "--set " + text + ": a value between two commas is missing");
  return changes;
}

std::string changed(const std::string& recipe_text, const RecipeChange& change) {
  const toml::table wanted = alone(change), root = parse_toml(recipe_text, "the recipe");
  const auto there = root.at_path(change.key);
  std::string text;
  if (there) {
    const toml::source_region place = there.node()->source();
    const std::size_t begin = offset_of(recipe_text, place.begin), end = offset_of(recipe_text, place.end);
    if (there.is_table() && !there.as_table()->is_inline()) fail(change, "that is a table; set the keys in it");
    text = recipe_text.substr(0, begin) + change.value + recipe_text.substr(end);
  } else {
    text = added(recipe_text, root, change);
  }
  const toml::table result = parse_toml(text, "the recipe with --set " + change.key + "=" + change.value);
  std::ostringstream is, should_be;
  is << result.at_path(change.key);
  should_be << wanted.at_path(change.key);
  if (is.str() != should_be.str()) fail(change, "the recipe is written in a way that this cannot be put into; change the file");
  return text;
}

Recipe read_recipe(const std::filesystem::path& file, const std::vector<RecipeChange>& changes) {
  if (changes.empty()) return read_recipe(file);
  std::string text = recipe_text(file), all;
  parse_toml(text, file);  // throws with the place in the file if it is no TOML
  for (const RecipeChange& change : changes) {
    text = changed(text, change);
    all += (all.empty() ? "--set " : " --set ") + change.key + "=" + change.value;
  }
  try {
    return recipe_from(text, file);
  } catch (const Error& e) {
    try {
      read_recipe(file);
    } catch (const Error& of_file) {
      if (without_place(of_file.what(), file) == without_place(e.what(), file)) throw;
    }
    throw Error(ErrorKind::settings, all + ": " + without_place(e.what(), file));
  }
}

RecipeSettings settings_in(const std::string& text, const std::filesystem::path& file) {
  RecipeSettings settings;
  flatten(parse_toml(text, file), "", settings);
  return settings;
}

std::vector<std::string> different_keys(const std::string& text, const std::string& other) {
  const RecipeSettings one = settings_in(text, "the recipe"), two = settings_in(other, "the other recipe");
  std::vector<std::pair<std::string, std::string>> entries;
  std::set_symmetric_difference(one.begin(), one.end(), two.begin(), two.end(), std::back_inserter(entries));
  std::vector<std::string> keys;
  for (const auto& [key, value] : entries)
    if (keys.empty() || keys.back() != key) keys.push_back(key);
  return keys;
}

std::string repeatable_text(const Recipe& recipe) {
  const auto in_full = [](const std::filesystem::path& path) {
    std::ostringstream text;
    text << toml::value<std::string>(std::filesystem::weakly_canonical(std::filesystem::absolute(path)).string());
    return text.str();
  };
  std::string text = changed(recipe.text, {"data.root", in_full(recipe.root)});
  for (const auto& start : {recipe.network.start, recipe.detector.start})
    if (!start.empty()) text = changed(text, {"network.start", in_full(start)});
  if (!recipe.teacher.model.empty()) text = changed(text, {"teacher.model", in_full(recipe.teacher.model)});
  return text;
}

}  // namespace fkp
