// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <map>
#include <memory>
#include <string>

#include "config.h"
#include "outlet.h"

namespace fkp {

/// An RTSP server with an annotated stream for each of its cameras, at /NAME. It draws and encodes only while somebody watches.
class Serve {
 public:
  virtual ~Serve() = default;
  /// What it listens on, for display: "rtsp://ADDRESS:PORT/".
  virtual std::string address() const = 0;
};

/// Starts serving, in the default main context. Throws std::runtime_error if it cannot.
std::unique_ptr<Serve> make_serve(const ServeConfig& config, const std::map<std::string, std::shared_ptr<Outlet>>& outlets);

}  // namespace fkp
