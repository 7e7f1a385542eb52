// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <array>
#include <functional>
#include <vector>

#include "fkp/core/boxes.h"
#include "fkp/model.h"

namespace fkp {

/// A face detector's network: maps a picture [1, 1, H, W] on the CPU to one map per stride, on any device.
using FaceNetwork = std::function<std::vector<torch::Tensor>(const torch::Tensor& picture)>;

/// Memory for two copies of a picture, reused between calls.
using SearchScratch = std::array<cv::Mat, 2>;

/// The faces that a detector's network finds in a picture with a score of at least `least`, best first; in square pixels of the picture.
/// The picture is shrunk to at most `longest` pixels first, then searched again in ever smaller copies as long as a face larger than
/// description.largest_face would fit into it. `scratch` is memory that may be reused. Throws std::invalid_argument as check(picture).
std::vector<FoundFace> find_faces(const FaceNetwork& network, const DetectorDescription& description, const Luma& picture, int longest,
                                  float least, SearchScratch& scratch);

}  // namespace fkp
