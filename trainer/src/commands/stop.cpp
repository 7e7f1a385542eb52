// SPDX-License-Identifier: LGPL-2.1-or-later
#include <csignal>

#include "commands/commands.h"

namespace fkp {
namespace {

volatile std::sig_atomic_t signal_of_user = 0;

}  // namespace

std::function<bool(double)> stop_when_asked() {
  for (int number : {SIGINT, SIGTERM})
    std::signal(number, [](int received) {
      signal_of_user = received;
      std::signal(received, SIG_DFL);  // the next one ends it at once
    });
  return [](double) { return signal_of_user != 0; };
}

void require_end(bool ended) {
  if (!ended) throw Stopped{128 + signal_of_user};
}

}  // namespace fkp
