// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recipe/recipe.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "fkp/core/crop_names.h"
#include "fkp/core/error.h"
#include "fkp/core/scheme.h"
#include "programs/toml_keys.h"
#include "recipe/recipe_check.h"
#include "recipe/recipe_words.h"
#include "whole_file.h"

namespace fkp {
namespace {

const Choices<TaskKind> kTasks{{"keypoints", TaskKind::keypoints}, {"faces", TaskKind::faces}};
const Choices<bool> kSpreads{{"normal", false}, {"even", true}};
const Choices<Loss> kLosses{
    {"wing", Loss::wing}, {"mse", Loss::mse}, {"l1", Loss::l1}, {"smooth-l1", Loss::smooth_l1}, {"heatmaps", Loss::heatmaps}};
const Choices<Schedule> kSchedules{{"cosine", Schedule::cosine}, {"constant", Schedule::constant}};
const Choices<Optimizer> kOptimizers{{"adamw", Optimizer::adamw}, {"adam", Optimizer::adam}, {"sgd", Optimizer::sgd}};
const Choices<Draw> kDraws{{"pytorch", Draw::pytorch},
                           {"kaiming-uniform", Draw::kaiming_uniform},
                           {"kaiming-normal", Draw::kaiming_normal},
                           {"xavier-uniform", Draw::xavier_uniform},
                           {"xavier-normal", Draw::xavier_normal}};
const Choices<bool> kHalvings{{"stride", false}, {"pool", true}};
const Choices<Precision> kPrecisions{{"fp32", Precision::fp32}, {"bf16", Precision::bf16}, {"auto", Precision::automatic}};
const Choices<bool> kBiases{{"pytorch", false}, {"zeros", true}};

/// A name, a list of names, or a table with the fields of a scheme's JSON.
std::vector<Scheme> read_schemes(TomlKeys& keys) {
  const toml::node* node = keys.sought("scheme");
  if (!node) return {{}};
  if (const auto name = node->value<std::string>()) return {scheme(*name)};
  std::vector<Scheme> schemes;
  if (node->is_array())
    keys.list("scheme", [&](const toml::node& item) {
      const auto name = item.value<std::string>();
      if (!name) keys.fail(item, "a list of schemes holds names");
      schemes.push_back(scheme(*name));
    });
  if (!schemes.empty()) return schemes;
  if (!node->is_table()) keys.fail(*node, "'scheme' is a name, a list of names or a table");
  std::ostringstream json;
  json << toml::json_formatter(*node->as_table());
  try {
    return {scheme_from_json(json.str())};
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

/// A share of the training sets' groups, or separate sets.
void read_validation(TomlKeys& keys, Recipe& recipe) {
  const toml::node* node = keys.sought("validation");
  if (!node) return;
  const auto share = node->value<double>();
  if (share) recipe.validation = *share;
  const auto add = [&](const toml::node& set) {
    const auto text = set.value<std::string>();
    if (!text) keys.fail(set, "'validation' is a share, a set like \"asf:FOLDER\", or a list of sets");
    recipe.validation_sets.push_back(*text);
  };
  if (node->is_array())
    for (const toml::node& set : *node->as_array()) add(set);
  else if (!share)
    add(*node);
}

void read_data(TomlKeys& keys, Recipe& recipe) {
  std::string root = ".";
  keys("root", root);
  keys.list("train", [&](const toml::node& node) { recipe.sets.push_back(read_source(keys, node, recipe.task)); });
  if (recipe.task == TaskKind::faces) {
    keys("validation", recipe.validation)("report_every", recipe.report_every);
  } else {
    read_validation(keys, recipe);
    choose(keys, "crop", recipe.crop.whole_picture, kCropNames);
    choose(keys, "equalise", recipe.crop.equalise, kEqualiseNames);
    keys.list("background", [&](const toml::node& node) {
      const auto set = node.value<std::string>();
      if (!set) keys.fail(node, "'background' holds texts like \"wider:FILE\"");
      recipe.backgrounds.push_back(*set);
    });
  }
  const char* elsewhere = std::getenv("FKP_DATA");
  const bool moved = elsewhere && *elsewhere && std::filesystem::path(root).is_relative();
  if (moved) spdlog::info("the recipe's sets are sought in {}, as FKP_DATA says", elsewhere);
  recipe.root = moved ? std::filesystem::path(elsewhere) : recipe.file.parent_path() / root;
}

/// Keys that the task does not use are left unread, which makes them unknown keys.
void read_augment(TomlKeys& keys, Augment& a, TaskKind task) {
  keys("rotation", a.rotation)("wide_rotation", a.wide_rotation)("wide_share", a.wide_share)("mirror", a.mirror);
  keys("brightness", a.brightness)("contrast", a.contrast)("blur", a.blur)("noise", a.noise)("light", a.light);
  keys("exposure", a.exposure)("jpeg", a.jpeg)("erase", a.erase);
  if (task == TaskKind::faces) return;
  keys("scale", a.scale)("shift", a.shift)("resample", a.resample)("crop", a.crop);
  choose(keys, "spread", a.even, kSpreads);
}

/// A square's side, or width and height.
void read_input(TomlKeys& keys, cv::Size& size) {
  const toml::node* node = keys.sought("input");
  if (!node) return;
  std::vector<int> both;
  if (const auto side = node->value<int>())
    both = {*side, *side};
  else if (node->is_array())
    keys("input", both);
  if (both.size() != 2) keys.fail(*node, "'input' is a number of pixels, or [width, height]");
  size = {both[0], both[1]};
}

/// What the outputs of a last linear layer stand for.
void read_output(TomlKeys& keys, NetworkSpec& n) {
  const toml::node* node = keys.sought("output");
  if (!node) return;
  n.unit = node->value<std::string>() == "unit";
  if (const auto* table = node->as_table())
    keys.sub(*table, "network.output", [&](TomlKeys& k) { k("scale", n.scale)("offset", n.offset); });
  else if (!n.unit && node->value<std::string>() != "pixels")
    keys.fail(*node, "'output' is \"unit\", \"pixels\" or { scale = S, offset = O }, where a crop's pixel is S × number + O");
}

/// The file that the recipe names ("": none), relative to the recipe or, if it is not there, to the current folder.
void read_weights_file(TomlKeys& keys, const char* key, const Recipe& recipe, std::filesystem::path& file) {
  const toml::node* node = keys.sought(key);
  if (!node) return;
  const std::filesystem::path named = node->value_or(std::string()), beside = recipe.file.parent_path() / named;
  if (named.empty() && node->is_string()) return;
  file = std::filesystem::exists(beside) ? beside : named;
  if (!std::filesystem::is_regular_file(file))
    keys.fail(*node, "there is no file of weights " + named.string() + ", neither seen from the recipe nor from here");
}

void read_init(TomlKeys& keys, InitSpec& init) {
  keys.table("init", [&](TomlKeys& k) {
    choose(k, "conv", init.conv, kDraws);
    choose(k, "linear", init.linear, kDraws);
    choose(k, "bias", init.zero_bias, kBiases);
  });
}

void read_network(TomlKeys& keys, Recipe& recipe) {
  NetworkSpec& n = recipe.network;
  read_input(keys, recipe.crop.size);
  keys("margin", recipe.crop.margin);
  read_weights_file(keys, "start", recipe, n.start);
  keys.list("layers", [&](const toml::node& node) {
    const auto text = node.value<std::string>();
    if (!text) keys.fail(node, "'layers' holds texts like \"conv 20 5\"");
    n.layers.push_back(*text);
  });
  if (const toml::node* range = keys.sought("range")) {
    const auto both = pair_in(*range);
    if (!both) keys.fail(*range, "'range' is [what black is to the network, what white is]");
    n.black = static_cast<float>(both->first);
    n.white = static_cast<float>(both->second);
  }
  if (n.layers.empty()) {
    keys("widths", n.widths)("depths", n.depths)("head", n.head)("shape", n.shape);
    choose(keys, "halving", n.pooled, kHalvings);
  } else {
    read_output(keys, n);
    read_init(keys, n.init);
  }
}

void read_teacher(TomlKeys& keys, const toml::node& table, Recipe& recipe) {
  if (!keys.sought("model")) keys.fail(table, "[teacher] needs the model = \"FILE\" of a network, or \"\" for none");
  read_weights_file(keys, "model", recipe, recipe.teacher.model);
  keys("weight", recipe.teacher.weight);
}

void read_detector(TomlKeys& keys, Recipe& recipe) {
  DetectorSpec& d = recipe.detector;
  read_weights_file(keys, "start", recipe, d.start);
  keys("input", d.input)("longest", d.longest)("widths", d.widths)("depths", d.depths);
}

void read_scenes(TomlKeys& keys, SceneSpec& s) {
  keys("smallest", s.smallest)("largest", s.largest)("zoom", s.zoom);
  keys("background", s.background)("clutter", s.clutter)("close_ups", s.close_ups);
}

/// The name of a schedule, or steps: [[epochs, learning rate], …].
void read_schedule(TomlKeys& keys, TrainSpec& t) {
  const toml::node* node = keys.sought("schedule");
  if (!node || !node->is_array()) {
    choose(keys, "schedule", t.schedule, kSchedules);
  } else {
    t.schedule = Schedule::steps;
    for (const toml::node& step : *node->as_array()) {
      const auto both = pair_in(step);
      if (!both || both->first <= 0 || both->second <= 0) keys.fail(step, "a step of 'schedule' is [epochs, learning rate], both above 0");
      t.steps.push_back(*both);
    }
    if (t.steps.empty()) keys.fail(*node, "'schedule' has no step");
    for (const char* key : {"lr", "epochs"})
      if (const toml::node* told = keys.sought(key)) keys.fail(*told, std::string("'") + key + "' follows from the steps of 'schedule'");
    double epochs = 0;
    t.lr = 0;
    for (const auto& [count, lr] : t.steps) {
      epochs += count;
      t.lr = std::max(t.lr, lr);
    }
    t.epochs = static_cast<int>(std::ceil(epochs));
  }
  if (t.schedule == Schedule::cosine)
    keys("restart", t.restart);
  else
    t.warmup = 0;
}

/// `scored`: the network has a face score, which is all that crops without a face train.
void read_train(TomlKeys& keys, TrainSpec& t, TaskKind task, bool scored) {
  choose(keys, "optimizer", t.optimizer, kOptimizers);
  if (t.optimizer != Optimizer::adamw) t.weight_decay = 0;  // PyTorch's defaults
  read_schedule(keys, t);
  if (t.schedule != Schedule::steps) keys("lr", t.lr)("epochs", t.epochs);
  keys("muon", t.muon)("weight_decay", t.weight_decay)("warmup", t.warmup)("batch", t.batch)("ema", t.ema);
  keys("device", t.device)("threads", t.threads);
  choose(keys, "precision", t.precision, kPrecisions);
  if (task == TaskKind::faces) {
    keys("pictures", t.pictures);
    return;
  }
  choose(keys, "loss", t.loss, kLosses);
  keys("masked", t.masked)("wing_width", t.wing_width)("wing_curvature", t.wing_curvature);
  keys("map_shape", t.map_shape)("map_sigma", t.map_sigma);
  if (scored) keys("negatives", t.negatives);
}

}  // namespace

std::string recipe_text(const std::filesystem::path& file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string text = read_bytes(file);
  if (text.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) text.erase(0, kByteOrderMark.size());
  return text;
}

Recipe read_recipe(const std::filesystem::path& file) { return recipe_from(recipe_text(file), file); }

Recipe recipe_from(const std::string& text, const std::filesystem::path& file) {
  Recipe recipe;
  recipe.file = file;
  recipe.text = text;
  const toml::table root = parse_toml(recipe.text, file);
  TomlKeys keys(root, "the recipe", file);
  choose(keys, "task", recipe.task, kTasks);
  recipe.other_schemes = read_schemes(keys);
  recipe.scheme = recipe.other_schemes.front();
  recipe.other_schemes.erase(recipe.other_schemes.begin());
  keys("seed", recipe.seed);
  keys.table("data", [&](TomlKeys& k) { read_data(k, recipe); });
  keys.table("augment", [&](TomlKeys& k) { read_augment(k, recipe.augment, recipe.task); });
  if (recipe.task == TaskKind::faces) {
    keys.table("network", [&](TomlKeys& k) { read_detector(k, recipe); });
    keys.table("scenes", [&](TomlKeys& k) { read_scenes(k, recipe.scenes); });
  } else {
    keys.table("network", [&](TomlKeys& k) { read_network(k, recipe); });
    keys.table("teacher", [&](TomlKeys& k) { read_teacher(k, *root.get("teacher"), recipe); });
  }
  if (!recipe.network.layers.empty()) recipe.train.negatives = 0;
  keys.table("train", [&](TomlKeys& k) { read_train(k, recipe.train, recipe.task, recipe.network.layers.empty()); });
  keys.finish();
  check(recipe, root);
  return recipe;
}

}  // namespace fkp
