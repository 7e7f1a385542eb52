// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/files.h"

namespace fkp::test {

/// Waits until a condition holds; fails after two minutes, which is enough on any busy machine.
inline void wait_until(const std::function<bool()>& holds, const std::string& what) {
  for (int i = 0; i < 12000; i++) {
    if (holds()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL() << "waited in vain: " << what;
}

/// A running program with its output in two files of the folder; killed if it still runs when the test ends.
class Process {
 public:
  Process(std::vector<std::string> arguments, const fs::path& folder, const std::string& name)
      : out_(folder / (name + ".out")), err_(folder / (name + ".err")) {
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    write(out_, "");
    pid_ = fork();
    if (pid_ != 0) return;
    if (!std::freopen(out_.c_str(), "w", stdout) || !std::freopen(err_.c_str(), "w", stderr)) _exit(126);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  ~Process() {
    if (pid_ <= 0) return;
    signal(SIGKILL);
    wait();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const { kill(pid_, number); }

  /// Its exit status, or the negative number of the signal that ended it.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  std::string out() const { return read(out_); }
  std::string err() const { return read(err_); }

 private:
  fs::path out_, err_;
  pid_t pid_ = -1;
};

}  // namespace fkp::test
