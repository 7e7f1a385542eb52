// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <stdexcept>

namespace fkp {

/// The loss, or the output of a network, has become NaN or infinite.
struct Diverged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace fkp
