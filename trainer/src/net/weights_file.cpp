// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/weights_file.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/script.h>

#include "fkp/core/error.h"
#include "fkp/torch_error.h"
#include "net/state_dict.h"

namespace fkp {
namespace {

const std::string kAverage = "average.";  // prefix of the averaged weights in a checkpoint (checkpoint.cpp)

Weights of_archive(const std::string& file) {
  const auto module = torch::jit::load(file, torch::kCPU);
  Weights all, average;
  const auto add = [&](const auto& tensors) {
    for (const auto& t : tensors) {
      all[t.name] = t.value;
      if (t.name.rfind(kAverage, 0) == 0) average[t.name.substr(kAverage.size())] = t.value;
    }
  };
  add(module.named_parameters());
  add(module.named_buffers());
  return average.empty() ? all : average;
}

}  // namespace

Weights read_weights(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) throw Error(ErrorKind::not_found, "there is no file of weights " + file.string());
  const auto fail = [&](const std::string& why) {
    return Error(ErrorKind::unreadable, file.string() +
                                            " is no file of weights (model.pt, checkpoint.pt, or a state_dict that PyTorch "
                                            "1.6 or later saved): " +
                                            why);
  };
  Weights weights;
  try {
    caffe2::serialize::PyTorchStreamReader reader(file.string());
    weights = reader.hasRecord("constants.pkl") ? of_archive(file.string()) : read_state_dict(reader);
  } catch (const std::exception& e) {
    throw fail(first_line(text_of(e)));
  }
  if (weights.empty()) throw fail("it holds no tensor");
  return weights;
}

}  // namespace fkp
