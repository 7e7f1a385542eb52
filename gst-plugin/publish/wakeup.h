// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "fkp/core/error.h"

namespace fkp {

/// Wakes another thread from poll().
class Wakeup {
 public:
  Wakeup() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) throw Error(ErrorKind::unwritable, "cannot create an event descriptor: too many open files?");
  }
  ~Wakeup() { close(fd_); }
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  int fd() const { return fd_; }
  // Both fail only if there is nothing to do: it is signalled, or cleared, already.
  void signal() const { [[maybe_unused]] const int done = eventfd_write(fd_, 1); }
  void clear() const {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const int done = eventfd_read(fd_, &ignored);
  }

 private:
  const int fd_;
};

}  // namespace fkp
