// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <string>

#include "fkp/core/error.h"
#include "line_queue.h"

namespace fkp {

/// What a broker's client tells, from within the calls of Broker.
class BrokerEvents {
 public:
  virtual ~BrokerEvents() = default;
  /// The client has forgotten what is in flight: it is to be sent anew.
  virtual void restarted() = 0;
  /// The broker is there.
  virtual void answered() = 0;
  virtual void delivered(Ticket ticket) = 0;
  /// The broker will never take this line.
  virtual void refused(Ticket ticket, const std::string& reason) = 0;
  /// There is a difficulty, on which the client works by itself.
  virtual void trouble(const Error& error) = 0;
};

/// A client of a broker, without a thread of its own: one thread makes all calls. What goes wrong is an Error, after which open()
/// may be called again.
class Broker {
 public:
  virtual ~Broker() = default;
  /// "mqtt://localhost:1883", for messages; without secrets.
  virtual std::string name() const = 0;
  /// Begins to connect.
  virtual void open() = 0;
  /// Whether lines may be sent.
  virtual bool ready() const = 0;
  virtual void send(const QueuedLine& line) = 0;
  /// Waits until the network asks for something, `wake` (a file descriptor) can be read or the time is over; does what there is to do.
  virtual void work(int wake, std::chrono::milliseconds at_most) = 0;
  /// Takes leave of the broker.
  virtual void close() = 0;
};

}  // namespace fkp
