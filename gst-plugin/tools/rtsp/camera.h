// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "camera_link.h"
#include "chain.h"
#include "source.h"

namespace fkp {

/// One camera: its connection, which is made again whenever it is lost, and the processing of its frames. For the thread of the main
/// loop, which nothing here blocks.
class Camera {
 public:
  using Log = std::function<void(const std::string&)>;

  Camera(const CameraConfig& config, const RetryConfig& retry, Log log);
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;

  /// Loads the networks and opens what fkppublish writes to; the first tick connects. Throws std::runtime_error, which names the
  /// camera and its line in the configuration.
  void start();

  /// Does what is due.
  void tick(Time now);

  /// Disconnects from the camera and lets the frames received so far be processed; needs further ticks until it is closed().
  void finish();
  bool closed() const { return phase_ == Phase::closed; }

  bool failed() const { return chain_.complaint().has_value(); }
  const std::string& name() const { return config_.name; }
  const std::shared_ptr<Outlet>& outlet() const { return outlet_; }

  /// `fresh`: starts a new count of recent delays.
  CameraStatus status(Time now, bool fresh);

 private:
  enum class Phase { running, emptying, closing, closed };
  void connect();
  void disconnect(Time now);
  void lose(Time now, const std::string& reason);
  void tell_loss(Time now);
  void tick_link(Time now);
  void tell_failure();
  bool is_disconnected() const { return !source_ && (closing_.empty() || *closing_.back()); }

  CameraConfig config_;
  Secrets secrets_;
  Log log_;
  std::shared_ptr<Outlet> outlet_;
  Chain chain_;
  Link link_;
  std::unique_ptr<Source> source_;
  std::vector<Flag> closing_;  // connections that were closed, each set when that is done; the last one stays
  Flag emptied_;
  bool told_failure_ = false;
  Time left_{};                              // when the last connection was given up
  Link::State told_ = Link::State::waiting;  // what has been logged
  std::string told_reason_;
  Phase phase_ = Phase::running;
};

}  // namespace fkp
