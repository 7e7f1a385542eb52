// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "fkp/keypoint_net.h"

namespace fkp::bench {

/// Adds the benchmarks of the keypoint network with these options, but for the batch size.
void add_looks(const KeypointNetOptions& options);

}  // namespace fkp::bench
