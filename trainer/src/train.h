// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <filesystem>
#include <functional>

#include "recipe.h"

namespace fkp {

/// Runs a recipe in `folder`, which gets recipe.toml, log.csv, checkpoint.pt (after every epoch) and model.pt (the
/// weights with the least validation NME so far). With `resume` it goes on from checkpoint.pt, to the same weights on a
/// CPU as a run that never stopped. Without, a folder that holds a run is refused.
/// `stop` is asked after every epoch, with the number of epochs done. Throws Error.
void train(const Recipe& recipe, const std::filesystem::path& folder, bool resume, const std::function<bool(int)>& stop = {});

}  // namespace fkp
