// SPDX-License-Identifier: LGPL-2.1-or-later
// Built in place of plan.cpp where there is no oneDNN (meson option onednn): libtorch runs all of a network.
#include "fkp/plan.h"

namespace fkp {

struct PlanLayers {};
class Primitives {};

Plan::Plan() = default;
Plan::~Plan() = default;

std::unique_ptr<Plan> Plan::take(torch::jit::Graph&, const torch::Tensor&, bool) { return nullptr; }
bool Plan::knows_bfloat16() { return false; }
std::vector<c10::IValue> Plan::run(const torch::Tensor&) { return {}; }

}  // namespace fkp
