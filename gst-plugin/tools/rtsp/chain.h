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

/// The `model-instance-id` of all cameras that set none: they share one network.
constexpr char kModelInstance[] = "fkp-rtsp";

/// The processing of a camera's frames, through all its connections: fkpdetect, fkppublish and the outlet for viewers. Face ids, files
/// and connections to brokers outlast the camera's connections.
class Chain {
 public:
  using Warn = std::function<void(const std::string&)>;

  /// Throws Error if a property does not fit.
  Chain(const CameraConfig& camera, std::shared_ptr<Outlet> outlet, Warn warn);
  ~Chain();
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  /// Starts the pipeline, which loads the networks. Throws std::runtime_error with the reason.
  void start();

  /// Takes a frame from a pipeline with that base time. Never blocks: if the queue is full, the frame is dropped, and counted.
  void push(GstSample* sample, GstClockTime base_time);

  /// Ends the stream; frames already inside still come out.
  void finish();
  /// Whether everything is out, or never will be.
  bool finished() const { return finished_; }
  /// Closes the pipeline; the flag is set when that is done.
  Flag close();

  /// Why it has failed, once it has.
  const std::optional<std::string>& complaint() const { return complaint_; }
  std::uint64_t received() const;
  /// How old the last frame was once it had been decoded.
  std::chrono::nanoseconds behind() const;
  /// Fills in its part of the status. `fresh`: starts a new count of recent delays.
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
  GstElement *in_ = nullptr, *detect_ = nullptr, *publish_ = nullptr;  // owned by the pipeline
  guint watch_ = 0;
  bool finished_ = false;
  std::optional<std::string> complaint_;
  mutable std::mutex mutex_;
  Counts counts_;  // under the mutex
};

}  // namespace fkp
