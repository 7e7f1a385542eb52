// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <map>
#include <memory>
#include <string>

#include "config.h"
#include "outlet.h"

namespace fkp {

/// An RTSP server with an annotated stream for each of its cameras, at /NAME. It draws and encodes while somebody looks.
class Serve {
 public:
  virtual ~Serve() = default;
  /// What it listens on, for people: "rtsp://ADDRESS:PORT/".
  virtual std::string address() const = 0;
};

/// Begins to serve, in the default main context. Throws std::runtime_error where that cannot be.
std::unique_ptr<Serve> make_serve(const ServeConfig& config, const std::map<std::string, std::shared_ptr<Outlet>>& outlets);

}  // namespace fkp
