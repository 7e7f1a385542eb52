// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/teacher.h"

#include "data/box_looks.h"
#include "data/keypoint_data.h"
#include "data/scenes.h"
#include "fkp/core/error.h"

namespace fkp {
namespace {

constexpr float kLeastScore = 0.05f;  // below it, the points themselves are wrong; at twice that, on masked faces, most are right
constexpr float kAgreement = 0.5f;    // least intersection over union of the faces that the points and the box show

KeypointNetOptions options_of(const Recipe& recipe) {
  KeypointNetOptions options;
  options.model = recipe.teacher.model.string();
  options.device = recipe.train.device;
  options.batch_size = recipe.train.batch;
  options.precision = recipe.train.precision == Precision::bf16 ? "auto" : "fp32";
  return options;
}

}  // namespace

Teacher::Teacher(const Recipe& recipe) : crop_(recipe.crop.size), weight_(recipe.teacher.weight), net_(options_of(recipe)) {
  const ModelDescription& d = net_.description();
  const auto require = [&](bool holds, const std::string& what) {
    if (!holds) throw Error(ErrorKind::mismatch, recipe.teacher.model.string() + " cannot teach " + recipe.file.string() + ": " + what);
  };
  require(to_json(d.scheme) == to_json(recipe.scheme), "its scheme is " + d.scheme.name + ", not " + recipe.scheme.name);
  require(!d.crop.whole_picture && d.crop.equalise == Equalise::none && d.crop.margin == recipe.crop.margin,
          "it does not look at crops of [network] margin = " + std::to_string(recipe.crop.margin).substr(0, 4) + " that are not equalised");
}

void Teacher::teach(Batch& batch) {
  // The crops lie below one another: taken as one picture, with each crop as a region for the network.
  const Luma crops{cv::Mat(batch.count * crop_.height, crop_.width, CV_8UC1, batch.clean.data())};
  const auto side = static_cast<float>(crop_.height);
  std::vector<int> faces;
  std::vector<Region> regions;
  for (int i = 0; i < batch.count; i++) {
    if (batch.face[i] == 0) continue;
    faces.push_back(i);
    regions.push_back({{(side - 1) / 2, (side - 1) / 2 + static_cast<float>(i) * side}, side, 0});
  }
  const std::vector<Look> looks = [&] {
    // Else the network would run what several threads ask as one batch, whose rounding depends on who comes when.
    const std::lock_guard one_batch(mutex_);
    return net_.look(crops, regions);
  }();
  for (std::size_t i = 0; i < faces.size(); i++) {
    const auto top = static_cast<float>(faces[i]) * side;
    float* xy = batch.points.data() + static_cast<std::ptrdiff_t>(faces[i]) * 2 * static_cast<std::ptrdiff_t>(looks[i].points.size());
    for (const Point& p : looks[i].points) {
      const bool known = is_known({xy[0], xy[1]});
      const float weight = known ? weight_ : 1;
      const float from[2] = {known ? xy[0] : 0, known ? xy[1] : 0};
      *xy++ = from[0] + weight * (p.x - from[0]);
      *xy++ = from[1] + weight * (p.y - top - from[1]);
    }
  }
}

std::vector<Sample> Teacher::label(const Picture& picture) {
  std::vector<Sample> samples;
  for (const auto& [face, look] : look_at_boxes(net_, picture)) {
    if (!look.shows_face(kLeastScore) || iou(look.box, square_in(picture.faces[face])) < kAgreement) continue;
    Sample sample{picture.file, picture.group, picture.grey, look.points};
    if (!net_.description().face_box.is_square()) sample.face = look.box;
    for (std::size_t i = 0; i < picture.faces.size(); i++)
      if (i != face) sample.others.push_back(picture.faces[i]);
    samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace fkp
