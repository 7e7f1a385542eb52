// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>

#include "fkp/core/error.h"

namespace fkp {

// The only place that maps fkp's errors to GStreamer's domains and codes.

/// Posts the current exception as an error message of the element. Call it in a catch block.
void post_current_exception(GstElement* element);

/// Posts an error, warning or info message. `details` (transfer full) may be null.
void post(GstElement* element, GstMessageType type, ErrorKind kind, const std::string& text, GstStructure* details = nullptr);

/// Runs `work` and lets no exception escape. False if there was one, which has then been posted on the bus.
template <typename Work>
bool guarded(GstElement* element, Work&& work) {
  try {
    work();
    return true;
  } catch (...) {
    post_current_exception(element);
    return false;
  }
}

}  // namespace fkp
