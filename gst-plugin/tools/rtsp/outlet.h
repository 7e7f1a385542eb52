// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <mutex>

#include "gst_ptr.h"

namespace fkp {

/// Passes a camera's frames, with their points, on to viewers. There are none at first.
class Outlet {
 public:
  /// Called by a streaming thread: passes the frame to the viewers, if any. It gets a new timestamp: the time at which they get it.
  void push(GstSample* sample);

  /// Viewers get their frames from this appsrc, or no longer.
  void attach(GstElement* appsrc);
  void detach(GstElement* appsrc);
  bool watched() const;

  std::atomic<bool> playing{false};  ///< whether frames are coming

 private:
  mutable std::mutex mutex_;
  GstPtr<GstElement> appsrc_;
};

}  // namespace fkp
