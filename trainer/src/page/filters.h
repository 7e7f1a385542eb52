// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include "page/page.h"

namespace fkp {

/// The filters of a network's first convolution as pictures: grey is 0, white the greatest weight of all. Shows nothing of a
/// network without one.
void show_first_filters(torch::nn::Module& network, Page& page);

}  // namespace fkp
