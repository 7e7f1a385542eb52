// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdexcept>

#include "serve.h"

namespace fkp {

std::unique_ptr<Serve> make_serve(const ServeConfig&, const std::map<std::string, std::shared_ptr<Outlet>>&) {
  throw std::runtime_error("'serve' needs a build with gst-rtsp-server (Debian: libgstrtspserver-1.0-dev)");
}

}  // namespace fkp
