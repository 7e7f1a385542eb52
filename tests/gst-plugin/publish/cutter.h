// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <thread>

#include "wakeup.h"

namespace fkp::test {

/// A way to a server on loopback that can be cut, while the server and its other clients go on. For one client at a time.
class Cutter {
 public:
  explicit Cutter(int server_port);
  ~Cutter();
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;

  int port() const { return port_; }
  /// Breaks the connection that there is; what is under way is lost. Comes back when that is done.
  void cut();

 private:
  void run();
  void pass_on(int client, int server);

  const int server_port_;
  int listener_, port_;
  Wakeup wakeup_;
  std::atomic<bool> ending_{false};
  std::atomic<int> cuts_{0}, done_{0};
  std::thread thread_;
};

}  // namespace fkp::test
