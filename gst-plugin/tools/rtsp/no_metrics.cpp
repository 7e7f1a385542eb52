// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdexcept>

#include "metrics.h"

namespace fkp {

std::unique_ptr<Metrics> make_metrics(const std::string&, std::function<std::vector<CameraStatus>()>) {
  throw std::runtime_error("metrics need a build with prometheus-cpp (Debian: prometheus-cpp-dev)");
}

}  // namespace fkp
