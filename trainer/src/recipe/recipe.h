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

/// How samples are augmented; lengths are fractions of the crop's side. Zero switches an effect off. With `even`, the standard
/// deviations are limits instead.
struct Augment {
  bool even = false;        ///< draw amounts uniformly between −limit and limit instead of from a normal distribution
  float rotation = 0;       ///< degrees, standard deviation
  float wide_rotation = 0;  ///< degrees: limit of a uniform rotation that some samples get instead
  float wide_share = 0.1f;  ///< of all samples
  float scale = 0;          ///< standard deviation of the scale factor's logarithm
  float shift = 0;          ///< standard deviation, per axis
  float crop = 1;           ///< side of a random crop of the region, which is all that the network gets; 1: the whole region
  bool mirror = false;      ///< mirror half of the samples
  float brightness = 0;     ///< standard deviation, fraction of the full range
  float contrast = 0;       ///< standard deviation of the gain's logarithm
  float blur = 0;           ///< share of the samples
  float resample = 0;       ///< share of the samples that are shrunk to 20 to 80 pixels and back
  float noise = 0;          ///< share of the samples; standard deviation 2 to 40 grey levels
  float light = 0;          ///< share of the samples that are lit from one side
  float exposure = 0;       ///< share of the samples that are far too dark, far too bright, or hazy
  float jpeg = 0;           ///< share of the samples with strong JPEG compression
  float erase = 0;          ///< share of the samples that lose a rectangle of up to 0.4×0.4
};

/// A data set of a recipe.
struct DataSource {
  std::string set;       ///< as in read_dataset
  float weight = 1;      ///< of its samples in the loss; in task "faces", multiplies how often its pictures are drawn
  float share = 1;       ///< fraction of its samples that each epoch draws, a new subset every time
  float unlabelled = 0;  ///< faces up to this size, picture pixels, may lack a box (task "faces")
};

/// How weights are initialised.
enum class Draw { pytorch, kaiming_uniform, kaiming_normal, xavier_uniform, xavier_normal };

/// Weight initialisation of a network given by layers.
struct InitSpec {
  Draw conv = Draw::pytorch, linear = Draw::pytorch;
  bool zero_bias = false;
};

/// A network that finds points on crops.
struct NetworkSpec {
  std::vector<std::string>
      layers;  ///< in order (trainer/src/net/layer_list.h); empty: the shipped network (trainer/src/net/soft_argmax_net.h)
  std::vector<int> widths{16, 32, 64, 128};  ///< of each stage of the shipped network: channels
  std::vector<int> depths{1, 2, 3, 2};       ///< of each stage of the shipped network: convolutions
  int head = 64;                             ///< shipped network: channels of the head
  bool pooled = false;                       ///< shipped network: halve by max pooling instead of stride
  int shape = 0;                             ///< shipped network: hidden units of the perceptron that corrects the points; 0: none
  float black = -1, white = 1;               ///< network input for grey 0 and grey 255
  bool unit = true;                          ///< outputs of a last linear layer go from 0 to 1 between the crop's edges
  float scale = 1, offset = 0;               ///< without `unit`: crop pixel = scale · output + offset
  InitSpec init;
  std::filesystem::path start;  ///< file of initial weights (trainer/src/net/start.h); empty: none
};

enum class Loss {
  wing,
  mse,
  l1,
  smooth_l1,
  heatmaps,  ///< of the heat maps alone
};

enum class Schedule {
  cosine,  ///< down to a hundredth of `lr`
  constant,
  steps,  ///< see TrainSpec::steps
};

enum class Optimizer { adamw, adam, sgd };

enum class Precision {
  fp32,
  bf16,
  automatic,  ///< bf16 where the device has instructions for it
};

struct TrainSpec {
  Optimizer optimizer = Optimizer::adamw;  ///< Loshchilov and Hutter, 2019; Kingma and Ba, 2015; SGD with Nesterov momentum 0.9
  double lr = 2e-3;                        ///< peak learning rate
  double muon =
      0;  ///< peak learning rate of Muon (trainer/src/train/muon.h), for all convolutions but the first; 0: `optimizer` has them, too
  double weight_decay = 0.01;
  Schedule schedule = Schedule::cosine;
  std::vector<std::pair<double, double>> steps;  ///< number of epochs and their learning rate, for each step
  double warmup = 2;                             ///< epochs
  int restart = 0;  ///< epoch at which a cosine restarts at half of `lr`; 0, or past the last epoch: no restart
  int batch = 64;
  int epochs = 100;
  double ema = 0.999;      ///< decay of the moving average of the weights, per step
  double negatives = 0.1;  ///< share of negatives among the crops: half show a badly placed or upside-down face, half background
  Loss loss = Loss::wing;  ///< in crop pixels, whatever the units of the network's outputs
  bool masked = true;      ///< leave unknown points out of the loss; else leave out faces that lack a point
  double wing_width = 10, wing_curvature = 2;  ///< crop pixels; Feng et al., "Wing Loss", CVPR 2018, equation 5
  double map_shape = 1;                        ///< weight of the heat maps' cross entropy with a Gaussian around the point
  double map_sigma = 8;                        ///< standard deviation of that Gaussian, crop pixels
  int pictures = 2000;                         ///< per epoch (task "faces")
  std::string device = "auto";                 ///< as in device_named (fkp/device.h)
  int threads = 0;                             ///< CPU threads; 0: one per core
  Precision precision = Precision::fp32;       ///< of a training step's convolutions and matrix products (trainer/src/net/autocast.h)
};

/// A trained model that another network learns from in addition to the annotations (trainer/src/train/teacher.h).
struct TeacherSpec {
  std::filesystem::path model;  ///< file; empty: no teacher
  float weight = 0.5f;          ///< of the teacher's points in the training target; the annotations get the rest
};

/// The face detector (trainer/src/net/detector_net.h).
struct DetectorSpec {
  int input = 320;                              ///< side of training pictures, pixels
  int longest = 640;                            ///< pixels: for detection, pictures are shrunk to at most this longest side
  std::vector<int> widths{16, 32, 48, 64, 64};  ///< channels at strides 2, 4, 8, 16, 32
  std::vector<int> depths{1, 1, 2, 3, 6};       ///< convolutions of each stage
  std::filesystem::path start;                  ///< as in NetworkSpec
};

/// How the training pictures of a detector are composed (trainer/src/data/scenes.h).
struct SceneSpec {
  float smallest = 8;        ///< pixels: smallest size to which a tile's face is scaled
  float largest = 1;         ///< largest such size, as a fraction of the tile's side
  float zoom = 3;            ///< greatest enlargement of a picture
  double background = 0.15;  ///< share of the tiles that are placed and scaled by a random square instead of a face
  double clutter = 0;        ///< share of the tiles that are synthetic, without a picture (trainer/src/data/clutter.h)
  double close_ups = 0;      ///< share of the scenes that are one close-up; the others are four scenes in a 2×2 grid; 0: neither
};

/// A training run as its TOML file describes it (docs/recipe.md).
struct Recipe {
  std::filesystem::path file;
  std::string text;  ///< of the file, with the requested changes applied
  TaskKind task = TaskKind::keypoints;
  Scheme scheme;                      ///< a registered one by name, or defined by a table of the recipe
  std::vector<Scheme> other_schemes;  ///< registered ones, used instead if the data is labelled in them (data/keypoint_data.h)
  std::uint64_t seed = 1;
  std::filesystem::path root;  ///< base of relative paths of sets: [data] root, or FKP_DATA if set and that root is relative
  std::vector<DataSource> sets;
  std::vector<std::string> backgrounds;      ///< pictures (see read_pictures) whose regions without a face serve as negatives
  double validation = 0.05;                  ///< share of the groups that are held out, if there are no validation_sets
  std::vector<std::string> validation_sets;  ///< separate sets to validate on
  int report_every = 0;                      ///< N: reserve every N-th picture of a list of boxes for reports (task "faces"); 0: none
  Augment augment;
  CropSpec crop{{128, 128}, 1.35f};  ///< task "keypoints" only, like `network` and `teacher`
  NetworkSpec network;
  TeacherSpec teacher;
  DetectorSpec detector;  ///< task "faces" only, like `scenes`
  SceneSpec scenes;
  TrainSpec train;
};

/// The text of a recipe, without the byte order mark that some editors begin it with. Throws Error (not_found).
std::string recipe_text(const std::filesystem::path& file);

/// Reads a recipe. Throws Error: not_found, or unreadable with file, line and reason; an unknown key is an error.
Recipe read_recipe(const std::filesystem::path& file);

/// Like read_recipe, but parses `text` instead of the content of `file`, to which paths in it are still relative.
Recipe recipe_from(const std::string& text, const std::filesystem::path& file);

}  // namespace fkp
