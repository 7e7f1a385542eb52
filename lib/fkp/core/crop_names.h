// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fkp/core/crop.h"

// The words that recipes and model files use for values of a CropSpec; the first one is the default.

namespace fkp {

inline const std::vector<std::pair<std::string, bool>> kCropNames{{"face", false}, {"picture", true}};
inline const std::vector<std::pair<std::string, Equalise>> kEqualiseNames{
    {"none", Equalise::none}, {"histogram", Equalise::histogram}, {"clahe", Equalise::clahe}};

}  // namespace fkp
