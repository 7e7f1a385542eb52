// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "gst_ptr.h"

namespace fkp {

/// A new element in the bin, which owns it. Throws as make_element() does.
GstElement* add_element(GstElement* bin, const char* factory, const char* name);

/// What an error or a warning says, in one line.
std::string text_of(GstMessage* message);

/// A flag that another thread sets.
using Flag = std::shared_ptr<std::atomic<bool>>;

/// Takes a pipeline to NULL on one of GStreamer's threads, as that can block, and sets the flag then. Whoever made the
/// pipeline must hear nothing of it any more.
Flag close_pipeline(GstPtr<GstElement> pipeline);

/// Nanoseconds by the clock that all pipelines here use.
GstClockTime clock_now();

/// Makes a pipeline use that clock.
void use_common_clock(GstElement* pipeline);

}  // namespace fkp
