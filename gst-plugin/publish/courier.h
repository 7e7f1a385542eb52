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
  std::chrono::milliseconds drain{5000};                            ///< most time that flush() takes
  std::chrono::milliseconds first_delay{500}, longest_delay{5000};  ///< between two attempts to connect
};

/// A message for the user.
struct Notice {
  bool warning;    ///< otherwise an info
  ErrorKind kind;  ///< what it is about
  std::string text;
  std::uint64_t dropped = 0;  ///< number of lines, if it reports dropped ones
};

/// Sends lines to a broker in a separate thread, so that write() never waits. Lines that the broker has not confirmed when the
/// connection breaks are sent again, in order; if the queue fills up meanwhile, the oldest are dropped.
class Courier : public Sink {
 public:
  /// May be called from any thread, but not once the courier is destroyed.
  using Notify = std::function<void(const Notice&)>;
  using MakeBroker = std::function<std::unique_ptr<Broker>(BrokerEvents&)>;

  Courier(const CourierOptions& options, Notify notify, const MakeBroker& make);
  /// Flushes. If the thread hangs in a client library, in a name look-up for instance, it is detached.
  ~Courier() override;
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  void write(std::string line) override;
  /// Waits until all lines are delivered, for at most the drain time; those left then are dropped.
  void flush() override;
  void interrupt(bool on) override;
  SinkStats stats() const override;

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
  std::thread thread_;
};

}  // namespace fkp
