// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include "page/page.h"

namespace fkp {

/// Shows the filters of a network's first convolution as pictures: grey is 0, white the greatest absolute weight. Shows nothing if
/// there is no convolution.
void show_first_filters(torch::nn::Module& network, Page& page);

}  // namespace fkp
