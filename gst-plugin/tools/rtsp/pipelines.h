// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <memory>

#include "gst_ptr.h"

namespace fkp {

/// Adds a new element to the bin, which owns it. Throws what make_element() throws.
GstElement* add_element(GstElement* bin, const char* factory, const char* name);

/// A flag that another thread sets.
using Flag = std::shared_ptr<std::atomic<bool>>;

/// Sets a pipeline to NULL on one of GStreamer's threads, because that can block, and then sets the flag. Until then its callbacks may
/// still be called: what they refer to must live as long.
Flag close_pipeline(GstPtr<GstElement> pipeline);

/// Nanoseconds by the clock that all pipelines here use.
GstClockTime clock_now();

/// Makes a pipeline use that clock.
void use_common_clock(GstElement* pipeline);

}  // namespace fkp
