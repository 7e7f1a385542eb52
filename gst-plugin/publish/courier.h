// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "broker.h"
#include "sink.h"

namespace fkp {

struct CourierOptions {
  LineQueue::Limits limits;
  std::size_t most_in_flight = 20;
  std::chrono::milliseconds drain{5000};                            ///< that flush() takes at most
  std::chrono::milliseconds first_delay{500}, longest_delay{5000};  ///< between two tries to connect
};

/// What its user should know.
struct Notice {
  bool warning;    ///< else only good to know
  ErrorKind kind;  ///< what it is about
  std::string text;
  std::uint64_t dropped = 0;  ///< lines, where it is about those
};

/// Takes lines to a broker in a thread of its own, so that write() never waits. Lines that the broker has not confirmed when the
/// connection breaks are sent again, in order; where it stays away longer than the queue has room, the oldest go.
class Courier : public Sink {
 public:
  /// May be called by any thread, not after the courier is gone.
  using Notify = std::function<void(const Notice&)>;
  using MakeBroker = std::function<std::unique_ptr<Broker>(BrokerEvents&)>;

  Courier(const CourierOptions& options, Notify notify, const MakeBroker& make);
  /// Flushes. A thread that hangs in a client library, as in the resolution of a name, is left to itself.
  ~Courier() override;
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  void write(std::string line) override;
  /// Waits until all is delivered, or the time to drain is over; what then is left is dropped.
  void flush() override;
  void interrupt(bool on) override;
  SinkStats stats() const override;

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
  std::thread thread_;
};

}  // namespace fkp
