// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "config.h"
#include "outlet.h"
#include "pipelines.h"
#include "status.h"

namespace fkp {

/// What is done with a camera's frames, through all its connections: fkpdetect, fkppublish and whoever looks. Identities of
/// faces, files and connections to brokers outlast the camera's.
class Chain {
 public:
  using Warn = std::function<void(const std::string&)>;

  /// Throws Error where a property does not fit.
  Chain(const CameraConfig& camera, std::shared_ptr<Outlet> outlet, Warn warn);
  ~Chain();
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  /// Loads what is to be loaded. Throws std::runtime_error with the reason.
  void start();

  /// A frame from a pipeline with that base time. Never blocks: what finds the queue full is dropped, and counted.
  void push(GstSample* sample, GstClockTime base_time);

  /// Lets what is inside come out.
  void finish();
  /// Everything is out, or never will be.
  bool finished() const { return finished_; }
  /// Closes it; the flag tells when that is done.
  Flag close();

  /// Why it has failed, once it has.
  const std::optional<std::string>& complaint() const { return complaint_; }
  std::uint64_t received() const;
  /// How old the last frame was when it had been decoded.
  std::chrono::nanoseconds behind() const;
  /// Its part of the status. `fresh`: a new count of recent delays begins.
  void tell(CameraStatus& status, bool fresh);

 private:
  struct Counts {
    std::uint64_t received = 0, dropped = 0, frames = 0;
    std::chrono::nanoseconds behind{0};
    Delays delays, recent, last, camera_delays;
  };
  void take_out(GstSample* sample);
  void hear(GstMessage* message);

  std::shared_ptr<Outlet> outlet_;
  Warn warn_;
  GstPtr<GstElement> pipeline_;
  GstElement *in_ = nullptr, *detect_ = nullptr, *publish_ = nullptr;  // of the pipeline
  guint watch_ = 0;
  bool finished_ = false;
  std::optional<std::string> complaint_;
  mutable std::mutex mutex_;
  Counts counts_;  // under the mutex
};

}  // namespace fkp
