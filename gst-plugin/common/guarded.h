// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <gst/gst.h>

namespace fkp {

/// Posts the exception in hand as an error message of the element, with the domain and code that fit it. The only place
/// that knows the table from fkp's errors to GStreamer's. Call it in a catch block.
void post_current_exception(GstElement* element);

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
