// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <thread>

#include "wakeup.h"

namespace fkp::test {

/// A proxy to a server on loopback whose connection can be cut without affecting the server's other clients. For one client at a time.
class Cutter {
 public:
  explicit Cutter(int server_port);
  ~Cutter();
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;

  int port() const { return port_; }
  /// Breaks the current connection; data on its way is lost. Returns when that is done.
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
