// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "config.h"
#include "pipelines.h"

namespace fkp {

/// One connection to a camera: rtspsrc and a decoder, from its beginning to its loss. Runs as soon as it is made.
class Source {
 public:
  /// Takes a frame, with the base time of the pipeline that it comes from. Called by a streaming thread.
  using Take = std::function<void(GstSample*, GstClockTime base_time)>;

  Source(const CameraConfig& camera, Take take);
  /// Hears no more from it at once, whatever it is doing; disconnect() tells how its end goes.
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Why it has ended, once it has.
  const std::optional<std::string>& complaint() const { return complaint_; }

  /// Begins to close it; the flag tells when that is done.
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
