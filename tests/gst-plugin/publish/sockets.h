// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fkp::test {

/// A TCP socket bound to a free port of 127.0.0.1; throws if there is none.
int bound_socket();
int port_of(int socket);
/// A TCP connection to that port of 127.0.0.1, or -1.
int connect_to(int port);

}  // namespace fkp::test
