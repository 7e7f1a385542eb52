// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "net/weights_file.h"

namespace caffe2::serialize {
class PyTorchStreamReader;
}

namespace fkp {

/// The tensors of a state_dict, or of the first state_dict in a dictionary that holds more. libtorch's own reader
/// (torch::pickle_load) refuses OrderedDict, the type of every state_dict. No Python code is executed: only tensors are created,
/// all other objects are skipped. Throws std::runtime_error.
Weights read_state_dict(caffe2::serialize::PyTorchStreamReader& archive);

}  // namespace fkp
