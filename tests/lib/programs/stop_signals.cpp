// SPDX-License-Identifier: LGPL-2.1-or-later
#include "programs/stop_signals.h"

#include <gtest/gtest.h>

#include <csignal>
#include <initializer_list>

namespace fkp {
namespace {

using std::chrono::milliseconds;

TEST(StopWishes, CountWhatALauncherPassesOnAtOnceAsOne) {
  StopWishes wishes;
  const StopWishes::Clock::time_point start{};
  EXPECT_EQ(wishes.heard(start), 1);
  EXPECT_EQ(wishes.heard(start + milliseconds(2)), 1);
  EXPECT_EQ(wishes.heard(start + milliseconds(1000)), 1);
  EXPECT_EQ(wishes.heard(start + milliseconds(1001)), 2);
  EXPECT_EQ(wishes.heard(start + milliseconds(1500)), 2) << "an echo of the second";
  EXPECT_EQ(wishes.heard(start + milliseconds(2500)), 3);
}

std::sig_atomic_t heard = 0;

TEST(StopSignals, LeaveOneAloneThatIsIgnored) {
  std::signal(SIGHUP, SIG_IGN);
  on_stop_signals([](int signal) { heard = signal; });
  EXPECT_TRUE(ignores(SIGHUP));
  std::raise(SIGHUP);
  EXPECT_EQ(heard, 0);
  std::raise(SIGTERM);
  EXPECT_EQ(heard, SIGTERM);
  std::signal(SIGHUP, SIG_DFL);
  on_stop_signals([](int signal) { heard = signal; });
  EXPECT_FALSE(ignores(SIGHUP));
  std::raise(SIGHUP);
  EXPECT_EQ(heard, SIGHUP);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
}

}  // namespace
}  // namespace fkp
