// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <chrono>
#include <string>

#include "fkp/core/error.h"
#include "line_queue.h"

namespace fkp {

/// Events of a broker's client, which come from within calls of Broker.
class BrokerEvents {
 public:
  virtual ~BrokerEvents() = default;
  /// The client has forgotten the lines in flight: they must be sent again.
  virtual void restarted() = 0;
  /// The broker has answered: there is a connection.
  virtual void answered() = 0;
  virtual void delivered(Ticket ticket) = 0;
  /// The broker will never accept this line.
  virtual void refused(Ticket ticket, const std::string& reason) = 0;
  /// There is a problem, which the client keeps trying to overcome.
  virtual void trouble(const Error& error) = 0;
};

/// A client of a broker. One thread makes all calls. Failures throw Error, after which open() may be called again.
class Broker {
 public:
  virtual ~Broker() = default;
  /// "mqtt://localhost:1883", for messages; without secrets.
  virtual std::string name() const = 0;
  /// Starts to connect.
  virtual void open() = 0;
  /// Whether lines may be sent.
  virtual bool ready() const = 0;
  virtual void send(const QueuedLine& line) = 0;
  /// Waits until there is network activity, `wake` (a file descriptor) is readable or the time is over; then does the pending work.
  virtual void work(int wake, std::chrono::milliseconds at_most) = 0;
  /// The next open() begins anew, whatever the client or the broker still has of lines in flight.
  virtual void forget() {}
  /// Disconnects from the broker.
  virtual void close() = 0;
};

}  // namespace fkp
