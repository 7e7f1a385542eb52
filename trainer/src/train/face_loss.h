// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <vector>

#include "data/scenes.h"
#include "train/distributed.h"

namespace fkp {

/// The loss of a detector's maps (DetectorNetImpl) on its input scenes: of the scores, which should predict the overlap of their
/// boxes with a face (quality focal loss: Li et al., "Generalized Focal Loss", NeurIPS 2020, equation 3), of the boxes of cells
/// with an assigned face (EIoU: Zhang et al., Neurocomputing 2022), and of those points of these cells that are known.
/// With several workers, all call it, each with its part of the batch, and get their parts of the batch's loss.
torch::Tensor face_loss(const std::vector<torch::Tensor>& maps, const std::vector<Scene>& scenes, const Workers& workers = {});

}  // namespace fkp
