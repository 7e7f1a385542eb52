// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

#include <string>

#include "fkp/core/error.h"

namespace fkp {

// The only place that knows the table from fkp's errors to GStreamer's domains and codes.

/// Posts the exception in hand as an error message of the element. Call it in a catch block.
void post_current_exception(GstElement* element);

/// Posts an error, warning or info message. `details` (transfer full) may be null.
void post(GstElement* element, GstMessageType type, ErrorKind kind, const std::string& text, GstStructure* details = nullptr);

/// Runs `work`; no exception leaves it. False where there was one, which is then on the bus.
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
