// SPDX-License-Identifier: LGPL-2.1-or-later
#include "outlet.h"

#include <gst/app/gstappsrc.h>

namespace fkp {

void Outlet::push(GstSample* sample) {
  const std::lock_guard lock(mutex_);
  // Before it is in PLAYING, its base time is not set, and frames that it timestamps would be due in hours.
  if (!appsrc_ || GST_STATE(appsrc_.get()) != GST_STATE_PLAYING) return;
  GstBuffer* buffer = gst_buffer_copy(gst_sample_get_buffer(sample));  // shares the pixels
  GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  const GstPtr<GstSample> untimed(gst_sample_new(buffer, gst_sample_get_caps(sample), nullptr, nullptr));
  gst_buffer_unref(buffer);
  gst_app_src_push_sample(GST_APP_SRC(appsrc_.get()), untimed.get());
}

void Outlet::attach(GstElement* appsrc) {
  const std::lock_guard lock(mutex_);
  appsrc_.reset(GST_ELEMENT(gst_object_ref(appsrc)));
}

void Outlet::detach(GstElement* appsrc) {
  const std::lock_guard lock(mutex_);
  if (appsrc_.get() == appsrc) appsrc_.reset();
}

bool Outlet::watched() const {
  const std::lock_guard lock(mutex_);
  return appsrc_ != nullptr;
}

}  // namespace fkp
