// SPDX-License-Identifier: LGPL-2.1-or-later
#include "camera.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "element.h"

namespace fkp {
namespace {

// A decoder that is too slow for its stream falls further and further behind: only a new connection brings it back to the present.
// Compressed frames are never dropped, as those that follow could not be decoded.
constexpr std::chrono::seconds kFarBehind{5};

double random_share() {
  static std::mt19937 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

Secrets secrets_of(const CameraConfig& config) {
  Secrets secrets;
  secrets.add(config.address);
  for (const std::string& value : secret_values(config.publish, "fkppublish")) secrets.add(value);
  return secrets;
}

bool is_set(const Flag& flag) { return *flag; }

}  // namespace

Camera::Camera(const CameraConfig& config, const RetryConfig& retry, Log log)
    : config_(config),
      secrets_(secrets_of(config)),
      log_([this, log = std::move(log)](const std::string& text) { log(config_.name + ": " + secrets_.hidden(text)); }),
      outlet_(std::make_shared<Outlet>()),
      chain_(config, outlet_, log_),
      link_(config.timeout, BackOff(retry, random_share)) {}

void Camera::start() {
  try {
    chain_.start();
  } catch (const std::exception& e) {
    throw std::runtime_error(about(config_, secrets_.hidden(e.what())));
  }
}

void Camera::connect() {
  source_ = std::make_unique<Source>(config_, [this](GstSample* sample, GstClockTime base) { chain_.push(sample, base); });
}

void Camera::disconnect(Time now) {
  outlet_->playing = false;
  if (!source_) return;
  closing_.erase(std::remove_if(closing_.begin(), closing_.end(), is_set), closing_.end());
  closing_.push_back(source_->disconnect());
  source_.reset();
  left_ = now;
}

void Camera::lose(Time now, const std::string& reason) {
  link_.lost(now, reason);
  disconnect(now);
  tell_loss(now);
}

void Camera::tell_loss(Time now) {
  const bool news = told_ == Link::State::playing || told_reason_ != link_.reason();
  told_ = Link::State::waiting;
  told_reason_ = link_.reason();
  if (!news) return;  // a dead camera needs no log line every half minute
  log_(fmt::format("{}; next try in {:.1f} s", told_reason_, std::chrono::duration<double>(link_.until_next(now)).count()));
}

void Camera::tick_link(Time now) {
  if (source_ && source_->complaint())
    lose(now, secrets_.hidden(*source_->complaint()));
  else if (link_.state() == Link::State::playing && chain_.behind() > kFarBehind)
    lose(now, fmt::format("its frames are decoded {} s late; a smaller picture or frame rate would help", kFarBehind.count()));
  // Waits for a pipeline that hangs while it is closed, so that they do not pile up, but not for ever.
  if (link_.state() == Link::State::waiting && !is_disconnected() && now - left_ < 3 * config_.timeout) return;
  switch (link_.tick(now, chain_.received())) {
    case Link::Step::connect:
      connect();
      break;
    case Link::Step::disconnect:
      disconnect(now);
      tell_loss(now);
      break;
    case Link::Step::none:
      break;
  }
  outlet_->playing = link_.state() == Link::State::playing;
  if (outlet_->playing && told_ != Link::State::playing) {
    told_ = Link::State::playing;
    log_("frames come from " + config_.address.shown());
  }
}

void Camera::tick(Time now) {
  switch (phase_) {
    case Phase::running:
      if (!failed()) {
        try {
          return tick_link(now);
        } catch (const std::exception& e) {
          return lose(now, secrets_.hidden(e.what()));
        }
      }
      tell_failure();
      if (!emptied_) {
        disconnect(now);
        emptied_ = chain_.close();
      }
      break;
    case Phase::emptying:
      if (!chain_.finished()) break;
      tell_failure();
      if (!emptied_) emptied_ = chain_.close();
      phase_ = Phase::closing;
      break;
    case Phase::closing:
      // One that hangs would hold up gst_deinit(), too.
      if (std::all_of(closing_.begin(), closing_.end(), is_set) && *emptied_) phase_ = Phase::closed;
      break;
    case Phase::closed:
      break;
  }
}

void Camera::tell_failure() {
  if (!failed() || std::exchange(told_failure_, true)) return;
  log_("failed for good: " + *chain_.complaint());
}

void Camera::finish() {
  disconnect(Time::clock::now());
  if (phase_ != Phase::running) return;
  if (!failed()) chain_.finish();
  phase_ = Phase::emptying;
}

CameraStatus Camera::status(Time now, bool fresh) {
  CameraStatus status;
  status.name = config_.name;
  status.state = link_.state();
  status.failed = failed();
  status.reason = failed() ? secrets_.hidden(*chain_.complaint()) : link_.reason();
  status.retry_in = std::chrono::duration<double>(link_.until_next(now)).count();
  status.tries = link_.tries();
  status.reconnections = link_.reconnections();
  status.viewed = outlet_->watched();
  chain_.tell(status, fresh);
  return status;
}

}  // namespace fkp
