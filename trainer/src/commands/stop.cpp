// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <csignal>

#include "commands/commands.h"
#include "programs/stop_signals.h"

namespace fkp {
namespace {

volatile std::sig_atomic_t signal_of_user = 0;
StopWishes wishes;

void on_signal(int received) {
  signal_of_user = received;
  if (wishes.heard() == 1) return;
  std::signal(received, SIG_DFL);  // asked twice: ends the program at once
  std::raise(received);
}

}  // namespace

std::function<bool(double)> stop_when_asked() {
  on_stop_signals(on_signal);
  std::signal(SIGPIPE, SIG_IGN);  // Ctrl-C ends `tee`, too: the run still has to save
  return [](double) { return signal_of_user != 0; };
}

void require_end(bool ended, const char* how_to_go_on) {
  if (ended) return;
  spdlog::info(how_to_go_on);
  throw Stopped{128 + (signal_of_user ? signal_of_user : SIGINT)};  // without a signal here, another process got one
}

}  // namespace fkp
