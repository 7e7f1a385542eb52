// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recipe.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "programs/toml_keys.h"

namespace fkp {
namespace {

/// A name, or a table with the fields of a scheme's JSON.
Scheme read_scheme(TomlKeys& keys) {
  const toml::node* node = keys.sought("scheme");
  if (!node) return {};
  if (const auto name = node->value<std::string>()) return scheme(*name);
  if (!node->is_table()) keys.fail(*node, "'scheme' is a name or a table");
  std::ostringstream json;
  json << toml::json_formatter(*node->as_table());
  try {
    return scheme_from_json(json.str());
  } catch (const Error& e) {
    keys.fail(*node, e.what());
  }
}

DataSource read_source(TomlKeys& keys, const toml::node& node, TaskKind task) {
  DataSource source;
  if (const auto set = node.value<std::string>()) {
    source.set = *set;
  } else if (const auto* table = node.as_table()) {
    keys.sub(*table, "data.train", [&](TomlKeys& k) {
      k("set", source.set)("weight", source.weight);
      if (task == TaskKind::faces)
        k("unlabelled", source.unlabelled);
      else
        k("share", source.share);
    });
  }
  if (source.set.empty()) keys.fail(node, "a set is \"KIND:PATH\" or { set = \"KIND:PATH\", weight = W, … }");
  return source;
}

void read_data(TomlKeys& keys, Recipe& recipe) {
  std::string root = ".";
  keys("root", root)("validation", recipe.validation);
  keys.list("train", [&](const toml::node& node) { recipe.sets.push_back(read_source(keys, node, recipe.task)); });
  if (recipe.task == TaskKind::faces) {
    keys("report_every", recipe.report_every);
  } else {
    keys.list("background", [&](const toml::node& node) {
      const auto set = node.value<std::string>();
      if (!set) keys.fail(node, "'background' holds texts like \"wider:FILE\"");
      recipe.backgrounds.push_back(*set);
    });
  }
  const char* elsewhere = std::getenv("FKP_DATA");
  recipe.root = elsewhere && *elsewhere ? std::filesystem::path(elsewhere) : recipe.file.parent_path() / root;
}

/// What a task has no use for is an unknown key.
void read_augment(TomlKeys& keys, Augment& a, TaskKind task) {
  keys("rotation", a.rotation)("wide_rotation", a.wide_rotation)("mirror", a.mirror);
  keys("brightness", a.brightness)("contrast", a.contrast)("blur", a.blur)("noise", a.noise)("erase", a.erase);
  if (task == TaskKind::keypoints) keys("scale", a.scale)("shift", a.shift)("resample", a.resample);
}

void read_network(TomlKeys& keys, NetworkSpec& n) {
  keys("input", n.input)("margin", n.margin)("widths", n.widths)("depths", n.depths)("head", n.head);
}

void read_detector(TomlKeys& keys, DetectorSpec& d) { keys("input", d.input)("widths", d.widths)("depths", d.depths); }

void read_scenes(TomlKeys& keys, SceneSpec& s) {
  keys("smallest", s.smallest)("largest", s.largest)("zoom", s.zoom)("background", s.background);
}

TaskKind read_task(TomlKeys& keys) {
  const toml::node* node = keys.sought("task");
  const std::string name = node ? node->value_or(std::string()) : "keypoints";
  if (name == "keypoints") return TaskKind::keypoints;
  if (name == "faces") return TaskKind::faces;
  keys.fail(*node, "'task' is \"keypoints\" or \"faces\"");
}

void read_train(TomlKeys& keys, TrainSpec& t, TaskKind task) {
  keys("lr", t.lr)("muon", t.muon)("weight_decay", t.weight_decay)("warmup", t.warmup)("batch", t.batch)("epochs", t.epochs)("ema", t.ema);
  keys("threads", t.threads);
  if (task == TaskKind::faces) {
    keys("pictures", t.pictures);
  } else {
    keys("negatives", t.negatives)("wing_width", t.wing_width)("wing_curvature", t.wing_curvature);
    keys("map_shape", t.map_shape)("map_sigma", t.map_sigma);
  }
}

void require(const Recipe& recipe, bool holds, const std::string& what) {
  if (!holds) throw Error(ErrorKind::unreadable, recipe.file.string() + ": " + what);
}

void check_layers(const Recipe& r, const std::vector<int>& widths, const std::vector<int>& depths) {
  require(r, widths.size() == depths.size(), "[network] depths holds as many numbers as widths");
  for (std::size_t i = 0; i < widths.size(); i++) require(r, widths[i] > 0 && depths[i] > 0, "[network] widths and depths are at least 1");
}

void check_keypoints(const Recipe& r) {
  const std::size_t stages = r.network.widths.size();
  require(r, stages >= 4 && stages <= 6, "[network] widths holds four to six numbers");
  check_layers(r, r.network.widths, r.network.depths);
  const int step = 1 << stages;
  require(r, r.network.input >= 32 && r.network.input % step == 0,
          "[network] input must be a multiple of " + std::to_string(step) + " from 32 on");
  require(r, r.network.margin >= 1, "[network] margin must be at least 1");
}

void check_faces(const Recipe& r) {
  require(r, r.scheme.name == "mtfl-5", "task \"faces\" needs scheme = \"mtfl-5\"");
  require(r, r.detector.widths.size() == 4, "[network] widths holds four numbers, of strides 4, 8, 16 and 32");
  check_layers(r, r.detector.widths, r.detector.depths);
  require(r, r.detector.input >= 64 && r.detector.input % 32 == 0, "[network] input must be a multiple of 32 from 64 on");
  require(r, r.report_every == 0 || r.report_every > 1, "[data] report_every is 0 for none, or at least 2");
  require(r, r.scenes.smallest > 0 && r.scenes.largest > 0 && r.scenes.zoom > 0, "[scenes] smallest, largest and zoom must be above 0");
  require(r, r.train.pictures >= r.train.batch, "[train] pictures must be at least one batch");
}

void check(const Recipe& r) {
  require(r, r.scheme.size() > 0, "it names no scheme");
  require(r, !r.sets.empty(), "[data] train names no set");
  require(r, !r.augment.mirror || r.scheme.can_mirror(),
          "the scheme '" + r.scheme.name + "' does not say which points change places in a mirrored picture: set [augment] mirror = false");
  require(r, r.validation > 0 && r.validation < 1, "[data] validation must lie between 0 and 1");
  for (const DataSource& d : r.sets) require(r, d.share > 0 && d.share <= 1, "a set's share lies above 0, at most 1");
  require(r, r.train.batch > 0 && r.train.epochs > 0 && r.train.lr > 0, "[train] batch, epochs and lr must be above 0");
  require(r, r.train.negatives >= 0 && r.train.negatives < 1, "[train] negatives must lie in [0, 1)");
  if (r.task == TaskKind::faces)
    check_faces(r);
  else
    check_keypoints(r);
}

}  // namespace

Recipe read_recipe(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(ErrorKind::not_found, "there is no recipe " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  return recipe_from(text.str(), file);
}

Recipe recipe_from(const std::string& text, const std::filesystem::path& file) {
  Recipe recipe;
  recipe.file = file;
  recipe.text = text;
  const toml::table root = parse_toml(recipe.text, file);
  TomlKeys keys(root, "the recipe", file);
  recipe.task = read_task(keys);
  recipe.scheme = read_scheme(keys);
  keys("seed", recipe.seed);
  keys.table("data", [&](TomlKeys& k) { read_data(k, recipe); });
  keys.table("augment", [&](TomlKeys& k) { read_augment(k, recipe.augment, recipe.task); });
  if (recipe.task == TaskKind::faces) {
    keys.table("network", [&](TomlKeys& k) { read_detector(k, recipe.detector); });
    keys.table("scenes", [&](TomlKeys& k) { read_scenes(k, recipe.scenes); });
  } else {
    keys.table("network", [&](TomlKeys& k) { read_network(k, recipe.network); });
  }
  keys.table("train", [&](TomlKeys& k) { read_train(k, recipe.train, recipe.task); });
  keys.finish();
  check(recipe);
  return recipe;
}

}  // namespace fkp
