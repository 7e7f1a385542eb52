// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <glib.h>

#include <memory>
#include <mutex>
#include <vector>

#include "camera.h"
#include "config.h"
#include "console.h"
#include "metrics.h"
#include "programs/stop_signals.h"
#include "serve.h"

namespace fkp {

/// Runs all cameras in one main loop, from the start to the signal that ends it.
class Service {
 public:
  /// Throws if the configuration does not fit the elements; nothing runs yet.
  Service(const Config& config, Console& console);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Loads the networks that the cameras name. Throws std::runtime_error if one cannot be loaded.
  void load_networks() const;

  /// Runs until SIGINT, SIGTERM or SIGHUP, or until every camera has failed for good; false if any has. `status`: seconds between two
  /// status lines. Throws if it cannot start. Does not return if a camera cannot be closed: ends the process instead.
  bool run(double status);

 private:
  void start();
  void listen();
  void tick();
  void update_status(Time now, bool show);
  void finish();
  void end();
  static gboolean on_signal(gpointer self);

  const Config config_;
  Console& console_;
  std::vector<std::unique_ptr<Camera>> cameras_;
  std::unique_ptr<GMainLoop, decltype(&g_main_loop_unref)> loop_;
  std::unique_ptr<Serve> serve_;
  StopWishes stop_wishes_;
  bool finishing_ = false;
  Time finishing_since_{}, shown_{}, updated_{}, renewed_{};
  std::chrono::duration<double> status_interval_{1};
  std::uint64_t frames_shown_ = 0;
  std::mutex mutex_;
  std::vector<CameraStatus> statuses_;  // under the mutex: for the metrics
  std::unique_ptr<Metrics> metrics_;    // last: it uses the others
};

}  // namespace fkp
