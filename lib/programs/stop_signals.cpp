// SPDX-License-Identifier: LGPL-2.1-or-later
#include "programs/stop_signals.h"

#include <csignal>
#include <initializer_list>

namespace fkp {

bool ignores(int signal) {
  struct sigaction now {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void on_stop_signals(void (*handler)(int)) {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, handler);
  if (!ignores(SIGHUP)) std::signal(SIGHUP, handler);
}

}  // namespace fkp
