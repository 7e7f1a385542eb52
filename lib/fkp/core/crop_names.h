// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fkp/core/crop.h"

// The words of recipes and model files for what a CropSpec says; the first is what is meant where nothing is said.

namespace fkp {

inline const std::vector<std::pair<std::string, bool>> kCropNames{{"face", false}, {"picture", true}};
inline const std::vector<std::pair<std::string, Equalise>> kEqualiseNames{
    {"none", Equalise::none}, {"histogram", Equalise::histogram}, {"clahe", Equalise::clahe}};

}  // namespace fkp
