// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "fkp/core/crop.h"
#include "fkp/core/scheme.h"

namespace fkp {

/// What a recipe trains.
enum class TaskKind {
  keypoints,  ///< crops of faces to points
  faces,      ///< whole pictures to boxes, scores and points of faces
};

/// What augmentation does to a sample; fractions are of the crop's side. Zero switches a thing off. Where a standard deviation
/// is named, it is the limit instead with `even`.
struct Augment {
  bool even = false;        ///< amounts are drawn evenly between −limit and limit, not from a normal distribution
  float rotation = 0;       ///< degrees, standard deviation
  float wide_rotation = 0;  ///< degrees, both ways, evenly; for one sample in ten
  float scale = 0;          ///< standard deviation of the logarithm
  float shift = 0;          ///< standard deviation, each axis
  float crop = 1;           ///< side of a random crop of the region, which is what the network is shown; 1: all of it
  bool mirror = false;      ///< half of the samples
  float brightness = 0;     ///< of full range, standard deviation
  float contrast = 0;       ///< standard deviation of the logarithm
  float blur = 0;           ///< share of the samples
  float resample = 0;       ///< share of the samples that are shrunk to 20 to 80 pixels and back
  float noise = 0;          ///< share of the samples; of 2 to 40 greys
  float light = 0;          ///< share of the samples that are lit from one side
  float exposure = 0;       ///< share of the samples that are far too dark, far too bright, or behind a veil
  float jpeg = 0;           ///< share of the samples that were compressed too much
  float erase = 0;          ///< share of the samples that lose a rectangle of up to 0.4×0.4
};

/// One set of a recipe.
struct DataSource {
  std::string set;       ///< as in read_dataset
  float weight = 1;      ///< of its samples' loss
  float share = 1;       ///< of its samples that each epoch draws, others every time
  float unlabelled = 0;  ///< faces up to this size, pixels of the picture, may lack a box (task "faces")
};

/// How fresh weights are drawn.
enum class Draw { pytorch, kaiming_uniform, kaiming_normal, xavier_uniform, xavier_normal };

/// What a network of layers starts from; PyTorch's own ways by default.
struct InitSpec {
  Draw conv = Draw::pytorch, linear = Draw::pytorch;
  bool zero_bias = false;
};

/// A network that finds points on crops.
struct NetworkSpec {
  std::vector<std::string> layers;           ///< one after the other (trainer/src/layer_list.h); none: the shipped network
  std::vector<int> widths{16, 32, 64, 128};  ///< of the shipped network (trainer/src/net.h), as are
  std::vector<int> depths{1, 2, 3, 2};       ///< this
  int head = 64;                             ///< and this,
  bool pooled = false;                       ///< this (halving by max pooling, not by stride),
  int shape = 0;                             ///< and this (hidden numbers of the correction by all points; 0: none)
  float black = -1, white = 1;               ///< its input for grey 0 and 255
  bool unit = true;                          ///< a last linear layer's numbers go from 0 to 1 between the crop's edges; else
  float scale = 1, offset = 0;               ///< crop pixel = scale · number + offset
  InitSpec init;
  std::filesystem::path start;  ///< file with weights to start from (trainer/src/start.h); empty: none
};

enum class Loss {
  wing,
  mse,
  l1,
  smooth_l1,
  heatmaps,  ///< of the maps alone
};

enum class Schedule {
  cosine,    ///< down to a hundredth
  constant,  ///<
  steps,     ///< TrainSpec::steps
};

enum class Optimizer { adamw, adam, sgd };

struct TrainSpec {
  Optimizer optimizer = Optimizer::adamw;  ///< Loshchilov and Hutter, 2019; Kingma and Ba, 2015; with Nesterov's momentum of 0.9
  double lr = 2e-3;                        ///< at its highest
  double muon = 0;  ///< learning rate of Muon (trainer/src/muon.h) for the convolutions' weights; 0: the optimizer has them, too
  double weight_decay = 0.01;
  Schedule schedule = Schedule::cosine;
  std::vector<std::pair<double, double>> steps;  ///< epochs and their learning rate
  double warmup = 2;                             ///< epochs
  int restart = 0;                               ///< epoch at which a cosine begins anew, at half of `lr`; 0, or past the last: none does
  int batch = 64;
  int epochs = 100;
  double ema = 0.999;                          ///< decay of the moving average of the weights, a step
  double negatives = 0.1;                      ///< share of the crops: half of a face badly placed or upside down, half of background
  Loss loss = Loss::wing;                      ///< of crop pixels, whatever the network's numbers are
  bool masked = true;                          ///< points that are not known are left out; else faces that lack one
  double wing_width = 10, wing_curvature = 2;  ///< crop pixels; Feng et al., "Wing Loss", CVPR 2018, equation 5
  double map_shape = 1;                        ///< weight of the maps' cross entropy with a Gaussian around the point
  double map_sigma = 8;                        ///< of that Gaussian, crop pixels
  int pictures = 2000;                         ///< of an epoch (task "faces")
  std::string device = "auto";                 ///< as in device_named (fkp/device.h)
  int threads = 0;                             ///< of the processor; 0: one a core
  bool bfloat16 = false;                       ///< convolutions and matrix products of a step (trainer/src/autocast.h)
};

/// A finished network that another learns from, beside the annotations (trainer/src/teacher.h).
struct TeacherSpec {
  std::filesystem::path model;  ///< its file; empty: none
  float weight = 0.5f;          ///< of its points in what is learned, the annotations have the rest
};

/// The face detector (trainer/src/detector_net.h).
struct DetectorSpec {
  int input = 320;                              ///< side of a training picture, pixels
  int longest = 640;                            ///< pixels: longest side that a picture is shrunk to when faces are sought
  std::vector<int> widths{16, 32, 48, 64, 64};  ///< channels at strides 2, 4, 8, 16, 32
  std::vector<int> depths{1, 1, 2, 3, 6};       ///< convolutions of each
  std::filesystem::path start;                  ///< as NetworkSpec's
};

/// How the training pictures of a detector are put together (trainer/src/scenes.h).
struct SceneSpec {
  float smallest = 8;        ///< pixels: least size of the face that a tile is scaled by
  float largest = 1;         ///< of the tile's side: greatest size of that face
  float zoom = 3;            ///< at most
  double background = 0.15;  ///< share of the tiles that are placed and scaled by no face
  double clutter = 0;        ///< share of the tiles that are made up, without a picture (trainer/src/clutter.h)
  double close_ups = 0;      ///< share of the scenes that are one close-up; the others are four scenes beside each other; 0: neither
};

/// A training run as its TOML file describes it (docs/recipe.md).
struct Recipe {
  std::filesystem::path file;
  std::string text;  ///< of the file, with the changes that were asked for
  TaskKind task = TaskKind::keypoints;
  Scheme scheme;                      ///< a registered one by name, or the recipe's own table
  std::vector<Scheme> other_schemes;  ///< registered ones that stand in for it where the data is labelled in them (keypoint_data.h)
  std::uint64_t seed = 1;
  std::filesystem::path root;  ///< what relative sets are seen from: FKP_DATA where it is set, else [data] root
  std::vector<DataSource> sets;
  std::vector<std::string> backgrounds;      ///< pictures (see read_pictures) whose places without a face are negatives
  double validation = 0.05;                  ///< share of the groups that are held out, where there are no
  std::vector<std::string> validation_sets;  ///< sets of their own to validate on
  int report_every = 0;                      ///< every so manieth picture of a list of boxes is left to reports (task "faces")
  Augment augment;
  CropSpec crop{{128, 128}, 1.35f};  ///< of task keypoints, as is
  NetworkSpec network;
  TeacherSpec teacher;    ///< of task keypoints
  DetectorSpec detector;  ///< of task faces
  SceneSpec scenes;       ///< of task faces
  TrainSpec train;
};

/// Reads a recipe. Throws Error: not_found, or unreadable with file, line and what is wrong; an unknown key is an error.
Recipe read_recipe(const std::filesystem::path& file);

/// What the file holds. Throws Error (not_found).
std::string text_of_recipe(const std::filesystem::path& file);

/// As read_recipe, of a text that is not what `file` holds, but is seen from where that lies.
Recipe recipe_from(const std::string& text, const std::filesystem::path& file);

}  // namespace fkp
