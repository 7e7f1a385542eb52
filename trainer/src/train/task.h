// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "page/page.h"
#include "recipe/recipe.h"
#include "run/run_folder.h"
#include "train/checkpoint.h"
#include "train/diverged.h"

namespace fkp {

class Workers;

/// A prepared batch: applies the network to it and returns the loss. If several workers share the batch, each has a part of it,
/// and their losses and gradients add up to those of the whole.
using Step = std::function<torch::Tensor(torch::nn::Module& network)>;

struct Verdict {
  double error = 0;             ///< lower is better; the weights with the lowest are kept
  std::vector<double> columns;  ///< values of Task::columns(), for log.csv
};

/// What a recipe trains: its data, network, loss and metrics. The training loop (train/train.h) is the same for all tasks.
class Task {
 public:
  virtual ~Task() = default;

  /// A newly initialised network; the weights are drawn from torch's random generator.
  virtual std::shared_ptr<torch::nn::Module> make_network() const = 0;

  /// Loads the recipe's file of initial weights into such a network, if it names one.
  virtual void start(torch::nn::Module&) const {}

  /// Those that somebody annotated: a teacher's own are no part of what makes runs comparable.
  virtual DataSize data_size() const = 0;

  /// Batches per epoch.
  virtual int batches() const = 0;

  /// Returns a function that makes batch i of the epoch. It is called from several threads; the batch depends on the recipe,
  /// the epoch and i alone, so that the threads make no difference and a run can be resumed.
  virtual std::function<Step(int)> epoch(int number) const = 0;

  /// Evaluates a network, in eval mode and without gradients, on the held-out data. Throws Diverged if it gives no numbers.
  virtual Verdict validate(torch::nn::Module& network) = 0;
  virtual std::vector<Column> columns() const = 0;
  /// Verdict::error in words: "validation NME 3.21 %".
  virtual std::string in_words(double error) const = 0;

  /// Writes the network that was validated last, as a model file.
  virtual void write_model(torch::nn::Module& network, int epochs, const std::filesystem::path& file) = 0;

  /// Adds to the page of a run: the sets, what was refused of them, and examples of what the network sees.
  virtual void show_data(Page& page) const = 0;
  /// Adds to the page of a run: how well, and on which samples, the network did that was validated last.
  virtual void show_results(Page& page) const = 0;
};

std::unique_ptr<Task> make_keypoint_task(const Recipe& recipe, const Workers& workers);
std::unique_ptr<Task> make_face_task(const Recipe& recipe, const Workers& workers);

}  // namespace fkp
