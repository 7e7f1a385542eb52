// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines.h"

#include <cstring>

#include "element.h"

namespace fkp {

GstElement* add_element(GstElement* bin, const char* factory, const char* name) {
  const auto element = make_element(factory, name);
  gst_bin_add(GST_BIN(bin), element.get());
  return element.get();
}

std::string text_of(GstMessage* message) {
  GError* failure = nullptr;
  gchar* more = nullptr;
  (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR ? gst_message_parse_error : gst_message_parse_warning)(message, &failure, &more);
  const GstPtr<GError> error(failure);
  const GstPtr<gchar> details(more);
  std::string text = error->message;
  // GStreamer's own details have the form "file.c(12): function (): /path:\nSomething for a human to read."
  if (const char* line = more ? std::strrchr(more, '\n') : nullptr; line && line[1] != '\0' && text.find(line + 1) == std::string::npos)
    text.append(" (").append(line + 1).append(")");
  return text;
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
