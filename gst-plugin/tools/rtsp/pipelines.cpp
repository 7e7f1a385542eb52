// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines.h"

#include "element.h"

namespace fkp {

GstElement* add_element(GstElement* bin, const char* factory, const char* name) {
  const auto element = make_element(factory, name);
  gst_bin_add(GST_BIN(bin), element.get());
  return element.get();
}

Flag close_pipeline(GstPtr<GstElement> pipeline) {
  auto closed = std::make_shared<std::atomic<bool>>(false);
  const auto close = [](GstElement* element, gpointer flag) {
    gst_element_set_state(element, GST_STATE_NULL);
    **static_cast<Flag*>(flag) = true;
  };
  gst_element_call_async(pipeline.get(), close, new Flag(closed), [](gpointer flag) { delete static_cast<Flag*>(flag); });
  return closed;
}

GstClockTime clock_now() {
  GstClock* clock = gst_system_clock_obtain();
  const GstClockTime now = gst_clock_get_time(clock);
  gst_object_unref(clock);
  return now;
}

void use_common_clock(GstElement* pipeline) {
  GstClock* clock = gst_system_clock_obtain();
  gst_pipeline_use_clock(GST_PIPELINE(pipeline), clock);
  gst_object_unref(clock);
}

}  // namespace fkp
