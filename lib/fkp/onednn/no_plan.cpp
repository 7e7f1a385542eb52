// SPDX-License-Identifier: LGPL-2.1-or-later
// Built in place of plan.cpp if oneDNN is missing (meson option onednn): libtorch then runs the whole network.
#include "fkp/onednn/plan.h"

namespace fkp {

struct PlanLayers {};
class Primitives {};

Plan::Plan() = default;
Plan::~Plan() = default;

std::unique_ptr<Plan> Plan::take(torch::jit::Graph&, const torch::Tensor&, bool) { return nullptr; }
bool Plan::knows_bfloat16() { return false; }
std::vector<c10::IValue> Plan::run(const torch::Tensor&) { return {}; }

}  // namespace fkp
