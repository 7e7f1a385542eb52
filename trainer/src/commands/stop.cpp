// SPDX-License-Identifier: LGPL-2.1-or-later
#include <spdlog/spdlog.h>

#include <csignal>
#include <ctime>

#include "commands/commands.h"
#include "train/place.h"

namespace fkp {
namespace {

volatile std::sig_atomic_t signal_of_user = 0;
std::time_t asked = 0, grace = -1;  // seconds

void on_signal(int received) {
  const std::time_t now = std::time(nullptr);
  const bool again = signal_of_user != 0;
  if (!again) asked = now;
  signal_of_user = received;
  if (!again || now - asked <= grace) return;
  std::signal(received, SIG_DFL);  // asked twice: ends the program at once
  std::raise(received);
}

}  // namespace

std::function<bool(double)> stop_when_asked() {
  // Launchers forward the Ctrl-C that their processes already got from the terminal.
  if (place_in_environment().size > 1) grace = 1;
  for (int number : {SIGINT, SIGTERM}) std::signal(number, on_signal);
  return [](double) { return signal_of_user != 0; };
}

void require_end(bool ended, const char* how_to_go_on) {
  if (ended) return;
  spdlog::info(how_to_go_on);
  throw Stopped{128 + (signal_of_user ? signal_of_user : SIGINT)};  // without a signal here, another process got one
}

}  // namespace fkp
