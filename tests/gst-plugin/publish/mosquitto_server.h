// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/files.h"

struct mosquitto;

namespace fkp::test {

/// The path of a program, which may also be in the sbin folders; empty if it is not installed.
std::string program(const std::string& name);

/// Runs a program to its end and discards its output; throws if it fails.
void execute(const std::vector<std::string>& command);

/// A separate Mosquitto on a free loopback port. Sessions survive stop() and start().
class MosquittoServer {
 public:
  /// `settings`: additional lines of its configuration, for its only listener.
  explicit MosquittoServer(const std::string& settings = "allow_anonymous true\n", bool persistent = true);
  ~MosquittoServer();
  MosquittoServer(const MosquittoServer&) = delete;
  MosquittoServer& operator=(const MosquittoServer&) = delete;

  void start();  ///< returns when it accepts connections; it ends with the calling thread
  void stop();   ///< as its service does: it saves its state
  void kill();   ///< at once
  void freeze();
  void thaw();
  int port() const { return port_; }
  /// The content of its log.
  std::string log() const;

 private:
  void signal(int number) const;
  void wait();

  const TemporaryFolder folder_;
  const int port_;
  pid_t process_ = 0;
};

/// Records what is published, in a session that survives outages of the server.
class Subscriber {
 public:
  explicit Subscriber(int port, const std::string& topic = "#", const std::string& user = "", const std::string& password = "");
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  /// Waits until that many messages have come; false if they do not.
  bool wait_for(std::size_t count);
  /// The same for frames, each counted once.
  bool wait_for_frames(std::size_t count);
  std::vector<std::string> messages();
  /// The numbers of the frames that came, in that order.
  std::vector<int> frames();

 private:
  mosquitto* client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool subscribed_ = false;
  std::vector<std::string> messages_;
  std::set<std::string> distinct_;
};

}  // namespace fkp::test

#define NEEDS_MOSQUITTO() \
  if (fkp::test::program("mosquitto").empty()) GTEST_SKIP() << "needs mosquitto"
