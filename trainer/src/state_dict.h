// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "weights_file.h"

namespace caffe2::serialize {
class PyTorchStreamReader;
}

namespace fkp {

/// The tensors of a state_dict, or of the first one in a dictionary of several things. libtorch's own reader (torch::pickle_load)
/// refuses OrderedDict, which every state_dict is. Nothing is run: of Python's objects only tensors are made, others are passed
/// over. Throws std::runtime_error.
Weights read_state_dict(caffe2::serialize::PyTorchStreamReader& archive);

}  // namespace fkp
