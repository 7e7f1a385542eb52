// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

#include "distributed.h"
#include "scenes.h"

namespace fkp {

/// The loss of a detector's maps (DetectorNetImpl) for the scenes that it saw: how well its scores tell the overlap that their
/// boxes have (quality focal loss: Li et al., "Generalized Focal Loss", NeurIPS 2020, equation 3), how well the boxes of the
/// cells that a face is assigned to fit (EIoU: Zhang et al., Neurocomputing 2022), and their points where those are known.
/// Of a worker's part of a batch its part of that; then all workers call it.
torch::Tensor face_loss(const std::vector<torch::Tensor>& maps, const std::vector<Scene>& scenes, const Workers& workers = {});

}  // namespace fkp
