// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "page/page.h"
#include "recipe.h"
#include "run/run_folder.h"

namespace fkp {

class Workers;

/// One batch, ready for the network: gives its loss. Where several workers share it, each has a part, and their losses and
/// gradients add up to those of the whole.
using Step = std::function<torch::Tensor(torch::nn::Module& network)>;

struct Verdict {
  double error = 0;             ///< the less, the better: chooses the weights that are kept
  std::vector<double> columns;  ///< of log.csv
};

/// What a recipe trains: its data, network, loss and measure. The loop around it (train.h) is the same for all.
class Task {
 public:
  virtual ~Task() = default;

  /// A network with fresh weights, drawn from torch's generator.
  virtual std::shared_ptr<torch::nn::Module> make_network() const = 0;

  /// Gives such a network the weights that the recipe starts from, where it names a file.
  virtual void start(torch::nn::Module&) const {}

  /// Batches of an epoch.
  virtual int batches() const = 0;

  /// Gives the maker of an epoch's batches. make(i) is called from several threads; what it makes depends on the recipe,
  /// the epoch and i alone, so that threads change nothing and a run can be resumed.
  virtual std::function<Step(int)> epoch(int number) const = 0;

  /// Measures a network, in eval mode and without gradients, on what is held out.
  virtual Verdict validate(torch::nn::Module& network) = 0;
  virtual std::vector<Column> columns() const = 0;
  /// Verdict::error in words: "validation NME 3.21 %".
  virtual std::string in_words(double error) const = 0;

  /// Writes the network that was validated last, as a model file.
  virtual void write_model(torch::nn::Module& network, int epochs, const std::filesystem::path& file) = 0;

  /// For the page of a run: the sets and what was refused of them, and what the network sees.
  virtual void show_data(Page& page) const = 0;
  /// For the same: how well the network did that was validated last, and where.
  virtual void show_results(Page& page) const = 0;
};

std::unique_ptr<Task> make_keypoint_task(const Recipe& recipe, const Workers& workers);
std::unique_ptr<Task> make_face_task(const Recipe& recipe, const Workers& workers);

}  // namespace fkp
