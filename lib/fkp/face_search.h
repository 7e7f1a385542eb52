// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <torch/torch.h>

#include <functional>
#include <vector>

#include "fkp/core/boxes.h"
#include "fkp/model.h"

namespace fkp {

/// A face detector's network: a picture [1, 1, H, W] of the CPU to a map for each stride, in any memory.
using FaceNetwork = std::function<std::vector<torch::Tensor>(const torch::Tensor& picture)>;

/// The faces of a picture as a detector's network finds them, best first, from a score of `least` on; in square pixels of the
/// picture. It is shrunk to at most `longest` pixels first, and searched smaller and smaller again as long as a face larger than
/// description.largest_face fits into it. `scratch` is memory that may be reused.
std::vector<FoundFace> find_faces(const FaceNetwork& network, const DetectorDescription& description, const Luma& picture, int longest,
                                  float least, cv::Mat& scratch);

}  // namespace fkp
