// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recipe/recipe_check.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "fkp/core/boxes.h"
#include "fkp/core/error.h"
#include "net/layer_list.h"

namespace fkp {
namespace {

/// A recipe, and the lines where it says what.
class Checked {
 public:
  Checked(const Recipe& recipe, const toml::table& root) : recipe(recipe), root_(root) {}

  const Recipe& recipe;

  void require(bool holds, const std::string& what) const {
    if (!holds) throw Error(ErrorKind::unreadable, recipe.file.string() + ": " + what);
  }
  /// The message begins with the key, "[table] key".
  void require(bool holds, const std::string& table, const std::string& key, const std::string& what) const {
    if (holds) return;
    const toml::node* node = root_[table][key].node();
    const std::string line = node ? ":" + std::to_string(node->source().begin.line) : "";
    throw Error(ErrorKind::unreadable, recipe.file.string() + line + ": [" + table + "] " + key + " " + what);
  }

 private:
  const toml::table& root_;
};

void check_layers(const Checked& c, const std::vector<int>& widths, const std::vector<int>& depths) {
  c.require(widths.size() == depths.size(), "network", "depths", "holds as many numbers as widths");
  for (std::size_t i = 0; i < widths.size(); i++)
    c.require(widths[i] > 0 && depths[i] > 0, "network", "widths", "and depths are at least 1");
}

void check_shipped(const Checked& c) {
  const Recipe& r = c.recipe;
  const std::size_t stages = r.network.widths.size();
  c.require(stages >= 4 && stages <= 6, "network", "widths", "holds four to six numbers");
  check_layers(c, r.network.widths, r.network.depths);
  c.require(r.network.head >= 1, "network", "head", "is at least 1 channel");
  c.require(r.network.shape >= 0, "network", "shape", "is the size of a perceptron, or 0 for none");
  const int step = 1 << stages;
  const cv::Size input = r.crop.size;
  c.require(std::min(input.width, input.height) >= 32 && input.width % step == 0 && input.height % step == 0, "network", "input",
            "must be a multiple of " + std::to_string(step) + " from 32 on");
}

void check_listed(const Checked& c) {
  const Recipe& r = c.recipe;
  std::vector<Layer> layers;
  try {
    layers = layers_of(r.network.layers, r.crop.size, r.scheme.size());
  } catch (const std::invalid_argument& e) {
    c.require(false, "network", "layers", std::string("make no network: ") + e.what());
  }
  const bool maps = reads_maps(layers.back()), peaks = layers.back().kind == "argmax";
  c.require(maps || r.train.loss != Loss::heatmaps, "train", "loss",
            "\"heatmaps\" needs a network of maps: end its layers with \"soft-argmax\"");
  c.require(!peaks || r.train.loss == Loss::heatmaps, "network", "layers",
            "end with \"argmax\", which has no gradient: set [train] loss = \"heatmaps\", or read the maps by \"soft-argmax\"");
  c.require(r.backgrounds.empty(), "data", "background", "teaches a face score, which a network of layers does not give");
}

void check_keypoints(const Checked& c) {
  const Recipe& r = c.recipe;
  c.require(std::min(r.crop.size.width, r.crop.size.height) >= 8 && std::max(r.crop.size.width, r.crop.size.height) <= 4096, "network",
            "input", "lies between 8 and 4096 pixels");
  if (r.network.layers.empty())
    check_shipped(c);
  else
    check_listed(c);
  c.require(r.crop.margin >= 1, "network", "margin", "must be at least 1");
  c.require(!r.crop.whole_picture || r.train.negatives == 0, "data", "crop",
            "= \"picture\" shows nothing but faces: set [train] negatives = 0");
  c.require(r.teacher.weight > 0 && r.teacher.weight <= 1, "teacher", "weight", "lies above 0, at most 1");
  c.require(
      r.teacher.model.empty() || (!r.crop.whole_picture && r.crop.size.width == r.crop.size.height && r.crop.equalise == Equalise::none),
      "teacher", "model", "looks at square crops of faces that are not equalised");
  c.require(r.network.black != r.network.white, "network", "range", "has the same number for black and for white");
  c.require(r.network.unit || r.network.scale != 0, "network", "output", "has a scale of 0");
  c.require(r.augment.crop > 0 && r.augment.crop <= 1, "augment", "crop", "lies above 0, at most 1");
}

struct Number {
  const char *table, *key;
  double value;
};

void check_numbers(const Checked& c) {
  const Recipe& r = c.recipe;
  const TrainSpec& t = r.train;
  const Augment& a = r.augment;
  const SceneSpec& s = r.scenes;
  const auto require_all = [&c](const std::vector<Number>& numbers, bool (*holds)(double), const char* what) {
    for (const auto& [table, key, value] : numbers) c.require(holds(value), table, key, what);
  };
  require_all(
      {{"augment", "wide_share", a.wide_share},
       {"augment", "blur", a.blur},
       {"augment", "resample", a.resample},
       {"augment", "noise", a.noise},
       {"augment", "light", a.light},
       {"augment", "exposure", a.exposure},
       {"augment", "jpeg", a.jpeg},
       {"augment", "erase", a.erase},
       {"scenes", "background", s.background},
       {"scenes", "clutter", s.clutter},
       {"scenes", "close_ups", s.close_ups}},
      [](double share) { return share >= 0 && share <= 1; }, "is a share, from 0 to 1");
  require_all(
      {{"augment", "rotation", a.rotation},
       {"augment", "wide_rotation", a.wide_rotation},
       {"augment", "scale", a.scale},
       {"augment", "shift", a.shift},
       {"augment", "brightness", a.brightness},
       {"augment", "contrast", a.contrast},
       {"train", "muon", t.muon},
       {"train", "weight_decay", t.weight_decay},
       {"train", "warmup", t.warmup},
       {"train", "map_shape", t.map_shape}},
      [](double number) { return number >= 0; }, "is 0 or more");
  require_all(
      {{"train", "lr", t.lr},
       {"train", "batch", static_cast<double>(t.batch)},
       {"train", "epochs", static_cast<double>(t.epochs)},
       {"train", "map_sigma", t.map_sigma},
       {"train", "wing_width", t.wing_width},
       {"train", "wing_curvature", t.wing_curvature},
       {"scenes", "smallest", s.smallest},
       {"scenes", "largest", s.largest},
       {"scenes", "zoom", s.zoom}},
      [](double number) { return number > 0; }, "lies above 0");
  c.require(t.threads >= 0 && t.threads <= 1024, "train", "threads", "lies between 0 and 1024");
  c.require(t.ema >= 0 && t.ema < 1, "train", "ema", "lies from 0 on, below 1");
}

void check_mirror(const Checked& c, const Scheme& scheme) {
  c.require(!c.recipe.augment.mirror || scheme.can_mirror(), "augment", "mirror",
            "must be false: the scheme '" + scheme.name + "' does not say which points change places in a mirrored picture");
}

void check_faces(const Checked& c) {
  const Recipe& r = c.recipe;
  c.require(r.scheme.name == "mtfl-5" && r.other_schemes.empty(), "task \"faces\" needs scheme = \"mtfl-5\"");
  c.require(r.detector.widths.size() == 5, "network", "widths", "holds five numbers, of strides 2, 4, 8, 16 and 32");
  check_layers(c, r.detector.widths, r.detector.depths);
  c.require(r.detector.input >= 64 && r.detector.input % kInputMultiple == 0, "network", "input", "must be a multiple of 32, at least 64");
  c.require(r.detector.longest >= kInputMultiple, "network", "longest", "must be at least 32");
  c.require(r.report_every == 0 || r.report_every > 1, "data", "report_every", "is 0 for none, or at least 2");
  c.require(r.train.pictures >= r.train.batch, "train", "pictures", "must be at least one batch");
}

}  // namespace

void check(const Recipe& r, const toml::table& root) {
  const Checked c(r, root);
  c.require(r.scheme.size() > 0, "it names no scheme");
  c.require(!r.sets.empty(), "data", "train", "names no set");
  check_mirror(c, r.scheme);
  for (const Scheme& other : r.other_schemes) check_mirror(c, other);
  c.require(!r.validation_sets.empty() || (r.validation > 0 && r.validation < 1), "data", "validation", "must lie between 0 and 1");
  for (const DataSource& d : r.sets) {
    c.require(d.share > 0 && d.share <= 1, "data", "train", "has a set whose share does not lie above 0, at most 1");
    c.require(d.weight > 0, "data", "train", "has a set whose weight does not lie above 0");
  }
  check_numbers(c);
  c.require(r.train.restart == 0 || r.train.restart > r.train.warmup, "train", "restart", "is an epoch after warmup, or 0 for none");
  c.require(r.train.negatives >= 0 && r.train.negatives < 1, "train", "negatives", "must lie in [0, 1)");
  if (r.task == TaskKind::faces)
    check_faces(c);
  else
    check_keypoints(c);
}

}  // namespace fkp
