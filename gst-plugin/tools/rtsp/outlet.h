// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <mutex>

#include "gst_ptr.h"

namespace fkp {

/// Where a camera's frames leave it with their points, for those who look at them. Nobody looks at first.
class Outlet {
 public:
  /// Of a streaming thread: shows the frame to who looks. Its time becomes that of its showing.
  void push(GstSample* sample);

  /// Somebody looks through this appsrc, or no longer.
  void attach(GstElement* appsrc);
  void detach(GstElement* appsrc);
  bool watched() const;

  std::atomic<bool> playing{false};  ///< whether there are frames to see

 private:
  mutable std::mutex mutex_;
  GstPtr<GstElement> appsrc_;
};

}  // namespace fkp
