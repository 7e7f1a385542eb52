// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recipe_check.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "fkp/core/boxes.h"
#include "fkp/core/error.h"
#include "layer_list.h"

namespace fkp {
namespace {

void require(const Recipe& recipe, bool holds, const std::string& what) {
  if (!holds) throw Error(ErrorKind::unreadable, recipe.file.string() + ": " + what);
}

void check_layers(const Recipe& r, const std::vector<int>& widths, const std::vector<int>& depths) {
  require(r, widths.size() == depths.size(), "[network] depths holds as many numbers as widths");
  for (std::size_t i = 0; i < widths.size(); i++) require(r, widths[i] > 0 && depths[i] > 0, "[network] widths and depths are at least 1");
}

void check_shipped(const Recipe& r) {
  const std::size_t stages = r.network.widths.size();
  require(r, stages >= 4 && stages <= 6, "[network] widths holds four to six numbers");
  check_layers(r, r.network.widths, r.network.depths);
  require(r, r.network.shape >= 0, "[network] shape is the size of a perceptron, or 0 for none");
  const int step = 1 << stages;
  const cv::Size input = r.crop.size;
  require(r, std::min(input.width, input.height) >= 32 && input.width % step == 0 && input.height % step == 0,
          "[network] input must be a multiple of " + std::to_string(step) + " from 32 on");
}

void check_listed(const Recipe& r) {
  std::vector<Layer> layers;
  try {
    layers = layers_of(r.network.layers, r.crop.size, r.scheme.size());
  } catch (const std::invalid_argument& e) {
    require(r, false, std::string("[network] ") + e.what());
  }
  const bool maps = reads_maps(layers.back()), peaks = layers.back().kind == "argmax";
  require(r, maps || r.train.loss != Loss::heatmaps,
          "[train] loss \"heatmaps\" needs a network of maps: end its layers with \"soft-argmax\"");
  require(r, !peaks || r.train.loss == Loss::heatmaps,
          "[network] layer \"argmax\" has no gradient: set [train] loss = \"heatmaps\", or read the maps by \"soft-argmax\"");
  require(r, r.backgrounds.empty(), "[data] background teaches a face score, which a network of layers does not give");
}

void check_keypoints(const Recipe& r) {
  require(r, std::min(r.crop.size.width, r.crop.size.height) >= 8 && std::max(r.crop.size.width, r.crop.size.height) <= 4096,
          "[network] input lies between 8 and 4096 pixels");
  if (r.network.layers.empty())
    check_shipped(r);
  else
    check_listed(r);
  require(r, r.crop.margin >= 1, "[network] margin must be at least 1");
  require(r, !r.crop.whole_picture || r.train.negatives == 0,
          "[data] crop = \"picture\" shows nothing but faces: set [train] negatives = 0");
  require(r, r.teacher.weight > 0 && r.teacher.weight <= 1, "[teacher] weight lies above 0, at most 1");
  require(
      r, r.teacher.model.empty() || (!r.crop.whole_picture && r.crop.size.width == r.crop.size.height && r.crop.equalise == Equalise::none),
      "[teacher] looks at square crops of faces that are not equalised");
  require(r, r.network.black != r.network.white, "[network] range has the same number for black and for white");
  require(r, r.network.unit || r.network.scale != 0, "[network] output's scale is not 0");
  require(r, r.augment.crop > 0 && r.augment.crop <= 1, "[augment] crop lies above 0, at most 1");
}

struct Number {
  const char* name;
  double value;
};

void check_numbers(const Recipe& r) {
  const TrainSpec& t = r.train;
  const Augment& a = r.augment;
  const SceneSpec& s = r.scenes;
  const auto require_all = [&r](const std::vector<Number>& numbers, bool (*holds)(double), const char* what) {
    for (const auto& [name, value] : numbers) require(r, holds(value), std::string(name) + what);
  };
  require_all(
      {{"[augment] blur", a.blur},
       {"[augment] resample", a.resample},
       {"[augment] noise", a.noise},
       {"[augment] light", a.light},
       {"[augment] exposure", a.exposure},
       {"[augment] jpeg", a.jpeg},
       {"[augment] erase", a.erase},
       {"[scenes] background", s.background},
       {"[scenes] clutter", s.clutter},
       {"[scenes] close_ups", s.close_ups}},
      [](double share) { return share >= 0 && share <= 1; }, " is a share, from 0 to 1");
  require_all(
      {{"[augment] rotation", a.rotation},
       {"[augment] wide_rotation", a.wide_rotation},
       {"[augment] scale", a.scale},
       {"[augment] shift", a.shift},
       {"[augment] brightness", a.brightness},
       {"[augment] contrast", a.contrast},
       {"[train] muon", t.muon},
       {"[train] weight_decay", t.weight_decay},
       {"[train] warmup", t.warmup},
       {"[train] map_shape", t.map_shape},
       {"[train] threads", static_cast<double>(t.threads)}},
      [](double number) { return number >= 0; }, " is 0 or more");
  require_all(
      {{"[train] map_sigma", t.map_sigma}, {"[train] wing_width", t.wing_width}, {"[train] wing_curvature", t.wing_curvature}},
      [](double number) { return number > 0; }, " lies above 0");
  require(r, t.ema >= 0 && t.ema < 1, "[train] ema lies from 0 on, below 1");
}

void check_mirror(const Recipe& r, const Scheme& scheme) {
  require(r, !r.augment.mirror || scheme.can_mirror(),
          "the scheme '" + scheme.name + "' does not say which points change places in a mirrored picture: set [augment] mirror = false");
}

void check_faces(const Recipe& r) {
  require(r, r.scheme.name == "mtfl-5" && r.other_schemes.empty(), "task \"faces\" needs scheme = \"mtfl-5\"");
  require(r, r.detector.widths.size() == 5, "[network] widths holds five numbers, of strides 2, 4, 8, 16 and 32");
  check_layers(r, r.detector.widths, r.detector.depths);
  require(r, r.detector.input >= 64 && r.detector.input % kInputMultiple == 0, "[network] input must be a multiple of 32, at least 64");
  require(r, r.detector.longest >= kInputMultiple, "[network] longest must be at least 32");
  require(r, r.report_every == 0 || r.report_every > 1, "[data] report_every is 0 for none, or at least 2");
  require(r, r.scenes.smallest > 0 && r.scenes.largest > 0 && r.scenes.zoom > 0, "[scenes] smallest, largest and zoom must be above 0");
  require(r, r.train.pictures >= r.train.batch, "[train] pictures must be at least one batch");
}

}  // namespace

void check(const Recipe& r) {
  require(r, r.scheme.size() > 0, "it names no scheme");
  require(r, !r.sets.empty(), "[data] train names no set");
  check_mirror(r, r.scheme);
  for (const Scheme& other : r.other_schemes) check_mirror(r, other);
  require(r, !r.validation_sets.empty() || (r.validation > 0 && r.validation < 1), "[data] validation must lie between 0 and 1");
  for (const DataSource& d : r.sets) {
    require(r, d.share > 0 && d.share <= 1, "a set's share lies above 0, at most 1");
    require(r, d.weight > 0, "a set's weight lies above 0");
  }
  check_numbers(r);
  require(r, r.train.batch > 0 && r.train.epochs > 0 && r.train.lr > 0, "[train] batch, epochs and lr must be above 0");
  require(r, r.train.restart == 0 || r.train.restart > r.train.warmup, "[train] restart is an epoch after warmup, or 0 for none");
  require(r, r.train.negatives >= 0 && r.train.negatives < 1, "[train] negatives must lie in [0, 1)");
  if (r.task == TaskKind::faces)
    check_faces(r);
  else
    check_keypoints(r);
}

}  // namespace fkp
