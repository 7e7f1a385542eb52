// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cutter.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "publisher.h"
#include "sockets.h"

namespace fkp::test {
namespace {

/// False at the end of the stream.
bool forward(int from, int to) {
  std::array<char, 4096> data{};
  const ssize_t size = read(from, data.data(), data.size());
  return size > 0 && send(to, data.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
}

void reset(int fd) {
  const linger at_once{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

}  // namespace

Cutter::Cutter(int server_port) : server_port_(server_port), listener_(bound_socket()), port_(port_of(listener_)) {
  listen(listener_, 5);
  thread_ = std::thread([this] { run(); });
}

Cutter::~Cutter() {
  ending_ = true;
  wakeup_.signal();
  thread_.join();
  close(listener_);
}

void Cutter::cut() {
  const int cut = ++cuts_;
  wakeup_.signal();
  EXPECT_TRUE(eventually([&] { return done_ == cut; }));
}

void Cutter::run() {
  while (!ending_) {
    std::array<pollfd, 2> fds{{{listener_, POLLIN, 0}, {wakeup_.fd(), POLLIN, 0}}};
    poll(fds.data(), fds.size(), -1);
    wakeup_.clear();
    done_ = cuts_.load();
    if (!(fds[0].revents & POLLIN)) continue;
    const int client = accept(listener_, nullptr, nullptr), server = connect_to(server_port_);
    pass_on(client, server);
    reset(client);
    reset(server);
  }
}

void Cutter::pass_on(int client, int server) {
  while (!ending_ && done_ == cuts_) {
    std::array<pollfd, 3> fds{{{client, POLLIN, 0}, {server, POLLIN, 0}, {wakeup_.fd(), POLLIN, 0}}};
    poll(fds.data(), fds.size(), -1);
    if (done_ != cuts_) return;
    if (fds[0].revents && !forward(client, server)) return;
    if (fds[1].revents && !forward(server, client)) return;
  }
}

}  // namespace fkp::test
