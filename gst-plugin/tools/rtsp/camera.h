// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "camera_link.h"
#include "chain.h"
#include "source.h"

namespace fkp {

/// One camera: its connection, made again whenever it is lost, and what is done with its frames. Lives in the thread of the
/// main loop; nothing here blocks it.
class Camera {
 public:
  using Log = std::function<void(const std::string&)>;

  Camera(const CameraConfig& config, const RetryConfig& retry, Log log);
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;

  /// Loads what is to be loaded; connects with the first tick. Throws std::runtime_error with the reason.
  void start();

  /// What is due.
  void tick(Time now);

  /// Leaves the camera and lets what has come from it go its way; ticks go on until it has closed().
  void finish();
  bool closed() const { return phase_ == Phase::closed; }

  bool failed() const { return chain_.complaint().has_value(); }
  const std::string& name() const { return config_.name; }
  const std::shared_ptr<Outlet>& outlet() const { return outlet_; }

  /// `fresh`: a new count of recent delays begins.
  CameraStatus status(Time now, bool fresh);

 private:
  enum class Phase { running, emptying, closing, closed };
  void connect();
  void disconnect(Time now);
  void lose(Time now, const std::string& reason);
  void tell_loss(Time now);
  void tick_link(Time now);
  bool is_disconnected() const { return !source_ && (!disconnected_ || *disconnected_); }

  CameraConfig config_;
  Secrets secrets_;
  Log log_;
  std::shared_ptr<Outlet> outlet_;
  Chain chain_;
  Link link_;
  std::unique_ptr<Source> source_;
  Flag disconnected_, emptied_;
  Time left_{};                              // when the last connection was left
  Link::State told_ = Link::State::waiting;  // what the log knows
  std::string told_reason_;
  Phase phase_ = Phase::running;
};

}  // namespace fkp
