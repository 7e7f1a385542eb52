// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "status.h"

namespace fkp {

/// An HTTP endpoint for Prometheus.
class Metrics {
 public:
  virtual ~Metrics() = default;
  /// "http://ADDRESS:PORT/metrics"
  virtual std::string address() const = 0;
};

/// Serves at ADDRESS:PORT or PORT, 0 for any; `snapshot` is called from its threads. Throws std::runtime_error if it cannot.
std::unique_ptr<Metrics> make_metrics(const std::string& address, std::function<std::vector<CameraStatus>()> snapshot);

}  // namespace fkp
