// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "config.h"
#include "pipelines.h"

namespace fkp {

/// One connection to a camera, from its start to its loss: rtspsrc and a decoder. Runs from construction on.
class Source {
 public:
  /// Receives a frame, with the base time of the pipeline that it comes from. Called by a streaming thread.
  using Take = std::function<void(GstSample*, GstClockTime base_time)>;

  Source(const CameraConfig& camera, Take take);
  /// From here on no frame comes, whatever the pipeline is doing. disconnect() does the same, and tells when it is closed.
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Why it has ended, once it has.
  const std::optional<std::string>& complaint() const { return complaint_; }

  /// Starts to close the pipeline; the flag is set when that is done.
  Flag disconnect();

 private:
  struct Gate;
  static gboolean on_select_stream(GstElement* rtspsrc, guint number, GstCaps* caps, gpointer gate);
  GstElement* build(const CameraConfig& camera);
  void hear(GstMessage* message);

  std::shared_ptr<Gate> gate_;
  GstPtr<GstElement> pipeline_;
  guint watch_ = 0;
  std::optional<std::string> complaint_;
};

}  // namespace fkp
