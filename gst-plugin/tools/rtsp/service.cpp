// SPDX-License-Identifier: LGPL-2.1-or-later
#include "service.h"

#include <glib-unix.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>

#include "element.h"
#include "fkp/core/error.h"
#include "loaded_network.h"

namespace fkp {
namespace {

using std::chrono::seconds;

constexpr guint kTick = 100;               // milliseconds
constexpr seconds kUpdate{1}, kRenew{10};  // between updates of the cameras' status, and of their recent delays
constexpr seconds kPatience{10};           // for all cameras to end after a signal

/// A source of the main loop, removed with this object.
class MainLoopSource {
 public:
  explicit MainLoopSource(guint id) : id_(id) {}
  ~MainLoopSource() { g_source_remove(id_); }
  MainLoopSource(const MainLoopSource&) = delete;
  MainLoopSource& operator=(const MainLoopSource&) = delete;

 private:
  guint id_;
};

/// Throws Error (settings) unless the text is PORT or ADDRESS:PORT.
void require_endpoint(const std::string& text) {
  const std::string port = text.substr(text.rfind(':') + 1);
  const bool good =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos && std::stoi(port) <= 65535;
  if (!good || text.front() == ':')
    throw Error(ErrorKind::settings, fmt::format("cannot serve metrics at '{}': it must be ADDRESS:PORT or PORT", text));
}

void require_folder(const PropertyValues& publish) {
  for (const PropertyValue& property : publish) {
    const std::filesystem::path folder = property.name == "location" ? std::filesystem::path(property.value).parent_path() : "";
    if (!folder.empty() && !std::filesystem::is_directory(folder))
      throw Error(ErrorKind::not_found, fmt::format("{}: there is no folder '{}'", property.where, folder.string()));
  }
}

}  // namespace

Service::Service(const Config& config, Console& console)
    : config_(config), console_(console), loop_(g_main_loop_new(nullptr, FALSE), g_main_loop_unref) {
  // Finds out now what is missing or wrong, not at the first frame or viewer.
  for (const char* element : {"rtspsrc", "decodebin", "videoconvert", "appsink", "appsrc"}) make_element(element, nullptr);
  if (std::any_of(config_.cameras.begin(), config_.cameras.end(), [](const CameraConfig& c) { return c.serve; }))
    for (const char* element : {"x264enc", "rtph264pay"}) make_element(element, nullptr);
  if (!config_.serve.overlay.empty()) apply(config_.serve.overlay, make_element("fkpoverlay", nullptr).get());
  if (!config_.metrics.empty()) require_endpoint(config_.metrics);
  for (const CameraConfig& camera : config_.cameras) require_folder(camera.publish);
  for (const CameraConfig& camera : config_.cameras)
    cameras_.push_back(std::make_unique<Camera>(camera, config_.retry, [this](const std::string& text) { console_.log(text); }));
}

Service::~Service() = default;

void Service::load_networks() const {
  std::map<std::string, LoadedNetwork> loaded;  // all at once, as those with the same model-instance-id have to agree
  for (const CameraConfig& camera : config_.cameras) {
    std::string properties;
    for (const PropertyValue& p : camera.detect) properties += p.name + '=' + p.value + '\n';
    try {
      if (loaded.count(properties) == 0) loaded.try_emplace(properties, camera.detect, kModelInstance);
    } catch (const std::exception& e) {
      throw std::runtime_error(about(camera, e.what()));
    }
  }
}

void Service::start() {
  listen();  // first, so that a port in use is an error before any file is overwritten
  for (const auto& camera : cameras_) camera->start();
  update_status(Time::clock::now(), false);
}

void Service::listen() {
  std::map<std::string, std::shared_ptr<Outlet>> outlets;
  for (std::size_t i = 0; i < cameras_.size(); i++)
    if (config_.cameras[i].serve) outlets[cameras_[i]->name()] = cameras_[i]->outlet();
  if (!outlets.empty()) {
    serve_ = make_serve(config_.serve, outlets);
    console_.log("annotated streams at " + serve_->address() + "NAME");
  }
  if (config_.metrics.empty()) return;
  metrics_ = make_metrics(config_.metrics, [this] {
    const std::lock_guard lock(mutex_);
    return statuses_;
  });
  console_.log("metrics at " + metrics_->address());
}

bool Service::run(double status) {
  status_interval_ = std::chrono::duration<double>(status);
  const MainLoopSource interrupt(g_unix_signal_add(SIGINT, on_signal, this)), terminate(g_unix_signal_add(SIGTERM, on_signal, this));
  std::optional<MainLoopSource> hang_up;
  if (!ignores(SIGHUP)) hang_up.emplace(g_unix_signal_add(SIGHUP, on_signal, this));
  start();  // takes seconds; a signal meanwhile is acted upon by the main loop
  shown_ = renewed_ = Time::clock::now();
  const MainLoopSource ticks(g_timeout_add(
      kTick,
      [](gpointer self) -> gboolean {
        static_cast<Service*>(self)->tick();
        return G_SOURCE_CONTINUE;
      },
      this));
  g_main_loop_run(loop_.get());
  return std::none_of(cameras_.begin(), cameras_.end(), [](const auto& c) { return c->failed(); });
}

gboolean Service::on_signal(gpointer data) {
  auto* self = static_cast<Service*>(data);
  if (self->stop_wishes_.heard() > 1) std::_Exit(EXIT_FAILURE);
  if (!self->finishing_) self->finish();
  return G_SOURCE_CONTINUE;
}

void Service::finish() {
  finishing_ = true;
  finishing_since_ = Time::clock::now();
  metrics_.reset();
  serve_.reset();
  for (const auto& camera : cameras_) camera->finish();
}

void Service::tick() {
  const Time now = Time::clock::now();
  for (const auto& camera : cameras_) camera->tick(now);
  if (now - updated_ >= kUpdate) update_status(now, now - shown_ >= status_interval_ && !finishing_);
  if (!finishing_) {
    if (!std::all_of(cameras_.begin(), cameras_.end(), [](const auto& c) { return c->failed(); })) return;
    console_.log("every camera has failed");
    return finish();
  }
  if (std::all_of(cameras_.begin(), cameras_.end(), [](const auto& c) { return c->closed(); })) return end();
  if (now - finishing_since_ < kPatience) return;
  for (const auto& camera : cameras_)
    if (!camera->closed()) console_.log(camera->name() + ": cannot be closed: abandoned");
  end();
  std::_Exit(EXIT_FAILURE);  // a pipeline that hangs would keep this process alive
}

void Service::update_status(Time now, bool show) {
  const bool renew = now - renewed_ >= kRenew;
  std::vector<CameraStatus> statuses;
  std::uint64_t frames = 0;
  for (const auto& camera : cameras_) {
    statuses.push_back(camera->status(now, renew));
    frames += statuses.back().frames;
  }
  updated_ = now;
  if (renew) renewed_ = now;
  if (show) {
    const double elapsed = std::chrono::duration<double>(now - shown_).count();
    console_.status(status_line(statuses, static_cast<double>(frames - frames_shown_) / elapsed));
    frames_shown_ = frames;
    shown_ = now;
  }
  const std::lock_guard lock(mutex_);
  statuses_ = std::move(statuses);
}

void Service::end() {
  update_status(Time::clock::now(), false);
  console_.end_status();
  for (const CameraStatus& status : statuses_) Console::print(summary_line(status));
  g_main_loop_quit(loop_.get());
}

}  // namespace fkp
